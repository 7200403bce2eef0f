/** Stage: the Kubernetes objects of the servers. The image is the one that the cluster was made with, until `spec.image` says otherwise. */

import { names } from '#operator/api/names.ts'
import type { Strongroom, StrongroomStatus } from '#operator/api/strongroom.ts'
import type { Child } from '#operator/kube/apply.ts'
import { type Finding, isFalse } from '#operator/kube/conditions.ts'
import {
  configMaps as mapKind,
  serviceAccounts,
  services,
  statefulSets,
} from '#operator/kube/kinds.ts'
import type { KubeObject } from '#operator/kube/kube.ts'
import { isOwn } from '#operator/kube/ownership.ts'
import { isLarger } from '#operator/kube/quantity.ts'
import { serviceAccount } from '../desired/service-account.ts'
import { clusterService, headlessService } from '../desired/services.ts'
import { type ClaimShape, statefulSet } from '../desired/statefulset.ts'
import type { Observed } from '../observe.ts'
import type { StageResult } from '../stage.ts'
import { objectsRefusal } from './objects-refusal.ts'

export function objectsStage(observed: Observed): StageResult {
  const { cluster, children, operatorImage, volumes } = observed
  const halt = objectsRefusal(observed)
  if (halt !== undefined) return { steps: [], findings: [], halt }
  const image = cluster.spec.image ?? cluster.status?.image ?? operatorImage
  const desired: readonly Child[] = [
    { kind: serviceAccounts, object: serviceAccount(cluster) },
    { kind: services, object: headlessService(cluster) },
    { kind: services, object: clusterService(cluster) },
    { kind: statefulSets, object: statefulSet(cluster, image, claimOf(children)) },
  ]
  return {
    steps: [
      { kind: 'apply', desired, found: [...children, ...obsolete(observed)] },
      ...resized({ cluster, volumes: volumes.filter((volume) => isOwn(volume, cluster)) }),
    ],
    findings: resizeFindings(volumes),
    status: { ...recordedImage(observed, image), ...largestOf(volumes) },
  }
}

/** An image of `spec` is the one to return to only once every member has run it: a wrong one never is. */
function recordedImage(
  { cluster, children }: Observed,
  image: string,
): Pick<StrongroomStatus, 'image'> {
  const isProven = cluster.spec.image === undefined || isRolledOut(children, image, cluster)
  const recorded = isProven ? image : cluster.status?.image
  return recorded === undefined ? {} : { image: recorded }
}

interface SetWithStatus extends KubeObject {
  readonly spec?: {
    readonly template?: {
      readonly spec?: { readonly containers?: readonly { readonly image?: string }[] }
    }
  }
  readonly status?: {
    readonly observedGeneration?: number
    readonly readyReplicas?: number
    readonly updatedReplicas?: number
  }
}

function isRolledOut(
  children: readonly Child[],
  image: string,
  { spec: { members } }: Strongroom,
): boolean {
  const set = setOf<SetWithStatus>(children)
  const { observedGeneration = 0, readyReplicas, updatedReplicas } = set?.status ?? {}
  return (
    set?.spec?.template?.spec?.containers?.[0]?.image === image &&
    observedGeneration >= (set.metadata.generation ?? 0) &&
    readyReplicas === members &&
    updatedReplicas === members
  )
}

function setOf<T extends KubeObject>(children: readonly Child[]): T | undefined {
  return children.find(({ kind }) => kind.kind === statefulSets.kind)?.object as T | undefined
}

/** Earlier versions kept administrators in a ConfigMap: it goes once no pod template names it. */
function obsolete({ cluster, configMaps }: Observed): readonly Child[] {
  const object = configMaps.get(names.admins(cluster.metadata.name))
  return object === undefined ? [] : [{ kind: mapKind, object }]
}

/** The claim that the StatefulSet was made with. The API server takes no other from it, ever. */
function claimOf(children: readonly Child[]): ClaimShape | undefined {
  const set = setOf<
    KubeObject & { readonly spec?: { readonly volumeClaimTemplates?: readonly Claim[] } }
  >(children)
  const { resources, storageClassName } = set?.spec?.volumeClaimTemplates?.[0]?.spec ?? {}
  const size = resources?.requests?.storage
  return size === undefined ? undefined : { size, className: storageClassName }
}

/**
 * A size that changed is written to the claims themselves. They are never asked to be smaller than they are: one that was kept may be larger. One that could
 * not grow as far as it was asked to is asked for less, where that is what is declared now.
 */
function resized({
  cluster,
  volumes,
}: Pick<Observed, 'cluster' | 'volumes'>): StageResult['steps'] {
  const { size } = cluster.spec.storage
  const others = volumes.filter((volume) => {
    const { requested, capacity } = sizesOf(volume)
    const isWaiting = capacity !== undefined && isLarger(requested, capacity)
    return (
      isLarger(size, requested) ||
      (isWaiting && isLarger(requested, size) && !isLarger(capacity, size))
    )
  })
  return others.map(({ metadata }) => ({ kind: 'grow-volume', name: metadata.name, size }) as const)
}

function sizesOf(volume: KubeObject) {
  const { spec, status } = volume as Claim
  return {
    requested: spec?.resources?.requests?.storage ?? '0',
    capacity: status?.capacity?.storage,
  }
}

/** What `spec.storage.size` cannot be made smaller than. */
function largestOf(volumes: readonly KubeObject[]): Pick<StrongroomStatus, 'storage'> {
  const capacities = volumes.flatMap((volume) => sizesOf(volume).capacity ?? [])
  const [largest] = capacities.toSorted((a, b) => (isLarger(a, b) ? -1 : 1))
  return largest === undefined ? {} : { storage: largest }
}

const failedResizes = new Set(['ControllerResizeError', 'NodeResizeError'])

function resizeFindings(volumes: readonly KubeObject[]): readonly Finding[] {
  return volumes.flatMap((volume) => {
    const failed = (volume as Claim).status?.conditions?.find(({ type }) => failedResizes.has(type))
    if (failed === undefined) return []
    const { capacity = 'what it was' } = sizesOf(volume)
    const message = `Volume "${volume.metadata.name}" cannot grow: ${failed.message ?? failed.type}. Set spec.storage.size back to ${capacity}, or mend what its storage class lacks`
    return [isFalse('StorageReady', 'VolumeNotGrown', message)]
  })
}

interface Claim {
  readonly spec?: {
    readonly storageClassName?: string
    readonly resources?: { readonly requests?: { readonly storage?: string } }
  }
  readonly status?: {
    readonly capacity?: { readonly storage?: string }
    readonly conditions?: readonly { readonly type: string; readonly message?: string }[]
  }
}
