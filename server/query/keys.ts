/**
 * The keys that a plan walks over, in the order of its answer. Walks are lazy; only sorting a collection holds its keys. What was looked
 * at and is not meant comes as `undefined`, so that whoever walks can give others their turn in between.
 */
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

type Key = string | undefined
type Keys = Iterable<Key>

/** All keys that are meant, before the page is cut out. */
export async function keysOf(reader: Reader, plan: Plan, scope: Scope): Promise<() => Keys> {
  const { walk, isMeant, order } = plan
  const only = (keys: Keys) => (isMeant === undefined ? keys : filtered(keys, isMeant))
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
  const sorted = await gathered(only(byEtag(reader, scope)), plan.testsPerKey)
  sorted.sort()
  return () => (reverse ? sorted.toReversed() : sorted)
}

/** How many there are. `testsPerKey`: work that each of them costs. */
export async function count(keys: Keys, testsPerKey = 1): Promise<number> {
  const slices = new Slices()
  let found = 0
  for (const key of keys) {
    if (key !== undefined) found += 1
    const full = slices.done(0, testsPerKey)
    if (full !== undefined) await full
  }
  return found
}

async function gathered(keys: Keys, testsPerKey: number): Promise<string[]> {
  const slices = new Slices()
  const all: string[] = []
  for (const key of keys) {
    if (key !== undefined) all.push(key)
    const full = slices.done(0, testsPerKey)
    if (full !== undefined) await full
  }
  return all
}

function* filtered(keys: Keys, isMeant: (key: string) => boolean): IterableIterator<Key> {
  for (const key of keys) yield key !== undefined && isMeant(key) ? key : undefined
}

function* existing(
  reader: Reader,
  keys: Iterable<string>,
  { number }: Scope,
): IterableIterator<Key> {
  for (const key of keys) {
    const bytes = reader.get(trees.documents, key)
    yield bytes !== undefined && isIn(bytes, number) ? key : undefined
  }
}

function* byId(reader: Reader, { number }: Scope, range: Range): IterableIterator<Key> {
  for (const { key, value } of reader.range(trees.documents, range)) {
    yield isIn(value, number) ? key : undefined
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
