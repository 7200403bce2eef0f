/** Collections: their numbers, names and counts. A collection stays known after its last document went. */
import type { Reader, Writer } from '#server/storage/engine.types.ts'
import { nameKey } from './ids.ts'
import {
  type CollectionRecord,
  collectionCodec,
  collectionKey,
  collectionNumberCodec,
  trees,
} from './tables.ts'

/** The number of a collection, whatever the case of its name; undefined where no document ever had it. */
export function collectionNumber(reader: Reader, name: string): number | undefined {
  const bytes = reader.get(trees.collectionNumbers, nameKey(name))
  return bytes === undefined ? undefined : collectionNumberCodec.decode(bytes)
}

export function collectionOf(reader: Reader, collection: number): CollectionRecord | undefined {
  const bytes = reader.get(trees.collections, collectionKey(collection))
  return bytes === undefined ? undefined : collectionCodec.decode(bytes)
}

/** All that hold a document, in the order in which they appeared. */
export function collections(reader: Reader): CollectionRecord[] {
  const all: CollectionRecord[] = []
  for (const { value } of reader.range(trees.collections)) {
    const record = collectionCodec.decode(value)
    if (record.documents > 0) all.push(record)
  }
  return all
}

/** Documents and tombstones of the whole database. */
export function totals(reader: Reader): {
  readonly documents: number
  readonly tombstones: number
} {
  let [documents, tombstones] = [0, 0]
  for (const { value } of reader.range(trees.collections)) {
    const record = collectionCodec.decode(value)
    documents += record.documents
    tombstones += record.tombstones
  }
  return { documents, tombstones }
}

/** What one change adds to the counts of a collection. */
export interface CollectionChange {
  readonly documents?: number
  readonly tombstones?: number
  /** Etag of the change; left out where only something old was tidied away. */
  readonly etag?: number
}

/** The collections while a write-set is applied: counts are kept here and written once at the end. */
export class CollectionBook {
  readonly #writer: Writer
  readonly #numbers = new Map<string, number>()
  readonly #changed = new Map<number, CollectionRecord>()

  constructor(writer: Writer) {
    this.#writer = writer
  }

  /** The number for a name; a new name gets the next one. */
  numberOf(name: string): number {
    const known = this.#numbers.get(name) ?? collectionNumber(this.#writer, name)
    const number = known ?? this.#add(name)
    this.#numbers.set(name, number)
    return number
  }

  record(collection: number): CollectionRecord {
    const record = this.#changed.get(collection) ?? collectionOf(this.#writer, collection)
    return record ?? { name: '', documents: 0, tombstones: 0, lastEtag: 0 }
  }

  note(collection: number, change: CollectionChange): void {
    const record = this.record(collection)
    this.#changed.set(collection, {
      name: record.name,
      documents: record.documents + (change.documents ?? 0),
      tombstones: record.tombstones + (change.tombstones ?? 0),
      lastEtag: change.etag ?? record.lastEtag,
    })
  }

  /** Writes the counts; call it once, last. */
  save(): void {
    for (const [number, record] of this.#changed) {
      this.#writer.put(trees.collections, collectionKey(number), collectionCodec.encode(record))
    }
  }

  #add(name: string): number {
    const number = lastNumber(this.#writer) + 1
    const record = { name, documents: 0, tombstones: 0, lastEtag: 0 }
    this.#writer.put(trees.collectionNumbers, nameKey(name), collectionNumberCodec.encode(number))
    this.#writer.put(trees.collections, collectionKey(number), collectionCodec.encode(record))
    return number
  }
}

function lastNumber(reader: Reader): number {
  for (const { key } of reader.range(trees.collections, { reverse: true })) {
    return Buffer.from(key, 'latin1').readUInt32BE(0)
  }
  return 0
}
