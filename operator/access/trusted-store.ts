/** May anything be written to this cluster's server? Only while its store is the one that was there before. */
import type { Strongroom } from '#operator/api/strongroom.ts'

export type StoreTrust =
  | { readonly kind: 'trusted' }
  | { readonly kind: 'not-yet'; readonly message: string }
  | { readonly kind: 'refused'; readonly reason: string; readonly message: string }

/**
 * @param storeId of the server that answers now; nothing where none does. The cluster's own condition may be older than that
 * answer, so a store that it does not name is not written to either.
 */
export function storeTrust(
  { metadata, status }: Strongroom,
  storeId: string | undefined,
): StoreTrust {
  const condition = status?.conditions?.find(({ type }) => type === 'StoreTrusted')
  if (condition?.status === 'False') {
    return {
      kind: 'refused',
      reason: condition.reason,
      message: `The cluster's store is not trusted: ${condition.message}`,
    }
  }
  if (condition?.status !== 'True')
    return { kind: 'not-yet', message: `Strongroom "${metadata.name}" is not ready yet` }
  if (storeId === undefined || storeId === status?.storeId) return { kind: 'trusted' }
  return {
    kind: 'not-yet',
    message: `The server's store ${storeId} is not the one that Strongroom "${metadata.name}" knows`,
  }
}
