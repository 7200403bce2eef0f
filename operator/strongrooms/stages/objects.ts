/** Stage: the Kubernetes objects of the servers. The image is the one that the cluster was made with, until `spec.image` says otherwise. */

import type { Child } from '#operator/kube/apply.ts'
import { serviceAccounts, services, statefulSets } from '#operator/kube/kinds.ts'
import { serviceAccount } from '../desired/service-account.ts'
import { clusterService, headlessService } from '../desired/services.ts'
import { statefulSet } from '../desired/statefulset.ts'
import type { Observed } from '../observe.ts'
import type { StageResult } from '../stage.ts'

export function objectsStage({ cluster, children, operatorImage, volumes }: Observed): StageResult {
  const image = cluster.spec.image ?? cluster.status?.image ?? operatorImage
  const desired: readonly Child[] = [
    { kind: serviceAccounts, object: serviceAccount(cluster) },
    { kind: services, object: headlessService(cluster) },
    { kind: services, object: clusterService(cluster) },
    { kind: statefulSets, object: statefulSet(cluster, image) },
  ]
  return {
    steps: [{ kind: 'apply', desired, found: children }, ...grown({ cluster, volumes })],
    findings: [],
    status: { image },
  }
}

/** A StatefulSet never changes its claims: what grew is written to the claims themselves. */
function grown({ cluster, volumes }: Pick<Observed, 'cluster' | 'volumes'>): StageResult['steps'] {
  const { size } = cluster.spec.storage
  const smaller = volumes.filter(
    (volume) => (volume as Claim).spec?.resources?.requests?.storage !== size,
  )
  return smaller.map(
    ({ metadata }) => ({ kind: 'grow-volume', name: metadata.name, size }) as const,
  )
}

interface Claim {
  readonly spec?: { readonly resources?: { readonly requests?: { readonly storage?: string } } }
}
