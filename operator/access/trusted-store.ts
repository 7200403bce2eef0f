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

/**
 * May rights be taken away on the store that answers now? On the one that was there before, whatever else of the cluster is in the way.
 * Not on another, nor on an older copy: each write would bring it nearer to the commit by which it is found out.
 */
export function isStoreOfBefore(
  cluster: Strongroom | undefined,
  store: { readonly storeId: string | undefined; readonly storeCommit: number | undefined },
): boolean {
  const { storeId, storeCommit = 0 } = cluster?.status ?? {}
  if (cluster === undefined || store.storeId === undefined) return false
  return (
    (storeId === undefined || storeId === store.storeId) && (store.storeCommit ?? 0) >= storeCommit
  )
}
