/** Stage: the Kubernetes objects of the servers. The image is the one that the cluster was made with, until `spec.image` says otherwise. */

import type { Child } from '#operator/kube/apply.ts'
import { serviceAccounts, services, statefulSets } from '#operator/kube/kinds.ts'
import { isLarger } from '#operator/kube/quantity.ts'
import { serviceAccount } from '../desired/service-account.ts'
import { clusterService, headlessService } from '../desired/services.ts'
import { type ClaimShape, statefulSet } from '../desired/statefulset.ts'
import type { Observed } from '../observe.ts'
import type { StageResult } from '../stage.ts'

export function objectsStage({ cluster, children, operatorImage, volumes }: Observed): StageResult {
  const image = cluster.spec.image ?? cluster.status?.image ?? operatorImage
  const desired: readonly Child[] = [
    { kind: serviceAccounts, object: serviceAccount(cluster) },
    { kind: services, object: headlessService(cluster) },
    { kind: services, object: clusterService(cluster) },
    { kind: statefulSets, object: statefulSet(cluster, image, claimOf(children)) },
  ]
  return {
    steps: [{ kind: 'apply', desired, found: children }, ...grown({ cluster, volumes })],
    findings: [],
    status: { image },
  }
}

/** The claim that the StatefulSet was made with. The API server takes no other from it, ever. */
function claimOf(children: readonly Child[]): ClaimShape | undefined {
  const set = children.find(({ kind }) => kind.kind === statefulSets.kind)?.object as
    | { readonly spec?: { readonly volumeClaimTemplates?: readonly Claim[] } }
    | undefined
  const { resources, storageClassName } = set?.spec?.volumeClaimTemplates?.[0]?.spec ?? {}
  const size = resources?.requests?.storage
  return size === undefined ? undefined : { size, className: storageClassName }
}

/** What grew is written to the claims themselves. They are never made smaller: a volume that was kept may be larger. */
function grown({ cluster, volumes }: Pick<Observed, 'cluster' | 'volumes'>): StageResult['steps'] {
  const { size } = cluster.spec.storage
  const smaller = volumes.filter((volume) =>
    isLarger(size, (volume as Claim).spec?.resources?.requests?.storage ?? '0'),
  )
  return smaller.map(
    ({ metadata }) => ({ kind: 'grow-volume', name: metadata.name, size }) as const,
  )
}

interface Claim {
  readonly spec?: {
    readonly storageClassName?: string
    readonly resources?: { readonly requests?: { readonly storage?: string } }
  }
}
