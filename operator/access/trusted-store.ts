/** May anything be written to this cluster's server? Only while its store is the one that was there before. */
import type { Strongroom } from '#operator/api/strongroom.ts'

export type StoreTrust =
  | { readonly kind: 'trusted' }
  | { readonly kind: 'not-yet'; readonly message: string }
  | { readonly kind: 'refused'; readonly reason: string; readonly message: string }

export function storeTrust(cluster: Strongroom): StoreTrust {
  const condition = cluster.status?.conditions?.find(({ type }) => type === 'StoreTrusted')
  if (condition?.status === 'True') return { kind: 'trusted' }
  if (condition?.status === 'False')
    return {
      kind: 'refused',
      reason: condition.reason,
      message: `The cluster's store is not trusted: ${condition.message}`,
    }
  return { kind: 'not-yet', message: `Strongroom "${cluster.metadata.name}" is not ready yet` }
}
