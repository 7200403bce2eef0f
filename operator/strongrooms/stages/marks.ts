/**
 * Stage: the marks on what outlives the resource. What an earlier Strongroom of the same name left is taken over by UID, and what others
 * added to Secrets, ConfigMaps and volumes is taken away: a key in a mounted Secret, an owner whose end would take them along.
 */
import { names } from '#operator/api/names.ts'
import type { Child } from '#operator/kube/apply.ts'
import { foreignTo } from '#operator/kube/foreign.ts'
import {
  configMaps as mapKind,
  persistentVolumeClaims,
  secrets as secretKind,
} from '#operator/kube/kinds.ts'
import type { KubeObject } from '#operator/kube/kube.ts'
import { isOwn, standingOf } from '#operator/kube/ownership.ts'
import type { Secret } from '#operator/kube/secret.ts'
import type { Observed } from '../observe.ts'
import type { StageResult, Step } from '../stage.ts'

/** Every key of a certificate's Secret. */
const tlsKeys = ['tls.crt', 'tls.key', 'ca.crt']

export function marksStage({
  cluster,
  secrets,
  configMaps,
  volumes,
  masterKey,
}: Observed): StageResult {
  const { name } = cluster.metadata
  const leaves = new Set(
    [names.operatorCertificate, names.internalTls, names.serverTls, names.issuedTls].map((of) =>
      of(name),
    ),
  )
  const kept: readonly Child[] = [
    ...[...secrets.values()].map((object) => ({ kind: secretKind, object })),
    ...[...configMaps.values()].map((object) => ({ kind: mapKind, object })),
    ...volumes.map((object) => ({ kind: persistentVolumeClaims, object })),
    ...(masterKey === undefined || secrets.has(masterKey.metadata.name)
      ? []
      : [{ kind: secretKind, object: masterKey }]),
  ].filter(({ object }) => isOwn(object, cluster))
  const steps = kept.flatMap((child): Step[] => {
    const isLeaf = child.kind === secretKind && leaves.has(child.object.metadata.name)
    const foreign = foreignTo(child.object, expected(child.object, isLeaf ? tlsKeys : undefined))
    if (foreign !== undefined) return [{ kind: 'strip', child, foreign }]
    return standingOf(child.object, cluster) === 'left' ? [{ kind: 'claim', child }] : []
  })
  return { steps, findings: [] }
}

/** The same object with these keys alone, and without owner. */
function expected(
  object: KubeObject & Pick<Secret, 'data'>,
  keys: readonly string[] | undefined,
): KubeObject {
  const { ownerReferences: _, ...metadata } = object.metadata
  if (keys === undefined) return { ...object, metadata }
  const data = Object.entries(object.data ?? {}).filter(([key]) => keys.includes(key))
  return { ...object, metadata, data: Object.fromEntries(data) } as KubeObject
}
