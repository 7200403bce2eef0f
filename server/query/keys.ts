/** The keys that a plan walks over, in the order of its answer. Walks are lazy; only sorting a collection holds its keys. */
import { collectionNumber, collectionOf, totals } from '#server/database/collections.ts'
import { emptyCollection } from '#server/database/metadata.ts'
import { Slices } from '#server/database/slices.ts'
import { collectionKey, documentCodec, trees } from '#server/database/tables.ts'
import { sortedKeysMax } from '#server/limits.ts'
import type { Range, Reader } from '#server/storage/engine.types.ts'
import { foldCase } from '#shared/fold-case.ts'
import type { Plan } from './plan.ts'

/** Name of the collection that holds everything. */
const allDocuments = '@all_docs'

/** What a query is asked of. */
export interface Scope {
  /** Nothing for all documents. */
  readonly number: number | undefined
  readonly documents: number
  /** Etag of the last change in it. */
  readonly lastEtag: number
}

/** Undefined for a collection that no document ever had. */
export function scopeOf(reader: Reader, collection: string): Scope | undefined {
  if (foldCase(collection) === allDocuments) {
    return { number: undefined, documents: totals(reader).documents, lastEtag: reader.lastEtag }
  }
  const number = collectionNumber(reader, collection === '' ? emptyCollection : collection)
  const record = number === undefined ? undefined : collectionOf(reader, number)
  return record && { number, documents: record.documents, lastEtag: record.lastEtag }
}

/** All keys that are meant, before the page is cut out. */
export async function keysOf(
  reader: Reader,
  plan: Plan,
  scope: Scope,
): Promise<() => Iterable<string>> {
  const { walk, isMeant, order } = plan
  const only = (keys: Iterable<string>) => (isMeant === undefined ? keys : filtered(keys, isMeant))
  const reverse = order === 'descending'
  if (walk.kind === 'keys') {
    const keys = reverse ? walk.keys.toReversed() : walk.keys
    return () => only(existing(reader, keys, scope))
  }
  if (walk.kind === 'prefix')
    return () => only(byId(reader, scope, { ...prefixRange(walk.prefix), reverse }))
  if (order === undefined) return () => only(byEtag(reader, scope))
  if (scope.number === undefined || scope.documents > sortedKeysMax)
    return () => only(byId(reader, scope, { reverse }))
  const sorted = await gathered(only(byEtag(reader, scope)))
  sorted.sort()
  return () => (reverse ? sorted.toReversed() : sorted)
}

/** How many there are. */
export async function count(keys: Iterable<string>): Promise<number> {
  const slices = new Slices()
  let found = 0
  for (const _key of keys) {
    found += 1
    await slices.done(0)
  }
  return found
}

async function gathered(keys: Iterable<string>): Promise<string[]> {
  const slices = new Slices()
  const all: string[] = []
  for (const key of keys) {
    all.push(key)
    await slices.done(0)
  }
  return all
}

function* filtered(
  keys: Iterable<string>,
  isMeant: (key: string) => boolean,
): IterableIterator<string> {
  for (const key of keys) if (isMeant(key)) yield key
}

function* existing(
  reader: Reader,
  keys: Iterable<string>,
  { number }: Scope,
): IterableIterator<string> {
  for (const key of keys) {
    const bytes = reader.get(trees.documents, key)
    if (bytes !== undefined && isIn(bytes, number)) yield key
  }
}

function* byId(reader: Reader, { number }: Scope, range: Range): IterableIterator<string> {
  for (const { key, value } of reader.range(trees.documents, range)) {
    if (isIn(value, number)) yield key
  }
}

/** In the order of the last change. */
function* byEtag(reader: Reader, { number }: Scope): IterableIterator<string> {
  const walk =
    number === undefined
      ? reader.range(trees.etags)
      : reader.range(trees.collectionEtags, prefixRange(collectionKey(number)))
  for (const { value } of walk) yield value.toString('latin1')
}

function isIn(record: Buffer, collection: number | undefined): boolean {
  return collection === undefined || documentCodec.collection(record) === collection
}

/** All keys that begin with the prefix. */
function prefixRange(prefix: string): Range {
  let end = prefix.length
  while (end > 0 && prefix.charCodeAt(end - 1) === 0xff) end -= 1
  if (end === 0) return { from: prefix }
  const last = String.fromCharCode(prefix.charCodeAt(end - 1) + 1)
  return { from: prefix, to: prefix.slice(0, end - 1) + last }
}
