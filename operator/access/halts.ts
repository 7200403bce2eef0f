/** Why a resource that belongs to a Strongroom cannot be worked on: found alike for databases, certificates and permissions. */
import { type CustomKind, schemaTrouble } from '#operator/api/kind.ts'
import type { Strongroom } from '#operator/api/strongroom.ts'
import type { KubeObject } from '#operator/kube/kube.ts'
import { storeTrust } from './trusted-store.ts'

export type Halt =
  /** Something is awaited, and may come without anybody's help. */
  | { readonly kind: 'wait'; readonly reason: string; readonly message: string }
  /** It cannot work until somebody acts. */
  | { readonly kind: 'stalled'; readonly reason: string; readonly message: string }

/** @param reason one word for programs; @param message a sentence for people: what is, and what to do */
export function wait(reason: string, message: string): Halt {
  return { kind: 'wait', reason, message }
}

/** @param reason one word for programs; @param message a sentence for people: what is, and what to do */
export function stall(reason: string, message: string): Halt {
  return { kind: 'stalled', reason, message }
}

/** Where no check of a plan fired. */
export const undecided: Halt = wait('Unknown', 'Nothing could be decided')

export function misfitHalt(
  kind: CustomKind,
  resource: KubeObject & { readonly spec: unknown },
): Halt | undefined {
  const trouble = schemaTrouble(kind, resource)
  return trouble === undefined
    ? undefined
    : stall('InvalidSpec', `The resource does not fit its schema: ${trouble}`)
}

interface OfCluster {
  readonly spec: { readonly clusterRef: { readonly name: string } }
}

export function missingClusterHalt(
  cluster: Strongroom | undefined,
  { spec }: OfCluster,
): Halt | undefined {
  if (cluster !== undefined) return undefined
  return wait(
    'ClusterNotFound',
    `There is no Strongroom "${spec.clusterRef.name}" in this namespace yet`,
  )
}

/** @param storeId of the server that answers now; nothing where none does */
export function storeHalt(
  cluster: Strongroom | undefined,
  storeId: string | undefined,
): Halt | undefined {
  if (cluster === undefined) return undefined
  const trust = storeTrust(cluster, storeId)
  if (trust.kind === 'refused') return stall(trust.reason, trust.message)
  return trust.kind === 'not-yet' ? wait('ClusterNotReady', trust.message) : undefined
}

/** @param answer of the server; nothing where no member could be asked */
export function unreachableHalt(
  answer: unknown,
  unreachable: string | undefined,
): Halt | undefined {
  return answer === undefined
    ? wait('ServerUnreachable', unreachable ?? 'No member of the cluster is ready')
    : undefined
}

/** Is there no server left on which something would have to be undone? */
export function isClusterGoing({
  cluster,
  isNamespaceEnding,
}: {
  readonly cluster: Strongroom | undefined
  readonly isNamespaceEnding: boolean
}): boolean {
  return (
    cluster === undefined || cluster.metadata.deletionTimestamp !== undefined || isNamespaceEnding
  )
}
