/** How a version of a document looks to clients, and the hash that stands for several of them. */
import { createHash } from 'node:crypto'

/** `A:12-<database id>`: one entry, since all members of a cluster give the same etags. */
export function changeVector(etag: number, databaseId: string): string {
  return `A:${etag}-${databaseId}`
}

/** One ETag for an answer that holds several documents: the hash of their change vectors, with a gap for each that is missing. */
export function hashOf(etags: Iterable<number | undefined>, databaseId: string): string {
  const hash = createHash('sha256').update(databaseId)
  for (const etag of etags) hash.update(etag === undefined ? ',-' : `,${etag}`)
  return `Hash-${hash.digest('base64')}`
}
