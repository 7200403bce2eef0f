/**
 * Applies a write-set. Deterministic: the state and the set decide everything, ids made by the server and concurrency checks too. What
 * throws leaves nothing behind, since the engine drops all of it.
 */

import { tombstonesMax } from '#server/limits.ts'
import { uint64 } from '#server/storage/bytes.ts'
import type { Apply, Writer } from '#server/storage/engine.types.ts'
import { changeVector } from './change-vector.ts'
import { CollectionBook } from './collections.ts'
import { databaseErrors } from './errors.ts'
import { hiloCollection, hiloId, hiloMax, maxAfterReturn, nextRange, withHiloMax } from './hilo.ts'
import { applyIdentity, identityId } from './identities.ts'
import { checkId, idKey, numberedId } from './ids.ts'
import {
  collectionKey,
  type DocumentRecord,
  documentCodec,
  tombstoneCodec,
  trees,
} from './tables.ts'
import type {
  Command,
  DeleteCommand,
  HiloNext,
  HiloReturn,
  Outcome,
  PutCommand,
  PutOutcome,
  WriteSet,
} from './write-set.ts'

/** What a database applies to its engine; change vectors carry the id of the database. */
export function documentApply(databaseId: string): Apply<WriteSet, readonly Outcome[]> {
  return function* apply(writer, writeSet) {
    const change = new Change(writer, writeSet.now, databaseId)
    const outcomes: Outcome[] = []
    for (const command of writeSet.commands) {
      outcomes.push(change.apply(command))
      yield
    }
    yield* change.finish(2 * writeSet.commands.length)
    return outcomes
  }
}

/** What is stored under a key now. */
interface Stored {
  readonly etag: number
  readonly collection: number
}

class Change {
  readonly #writer: Writer
  readonly #now: number
  readonly #databaseId: string
  readonly #collections: CollectionBook

  constructor(writer: Writer, now: number, databaseId: string) {
    this.#writer = writer
    this.#now = now
    this.#databaseId = databaseId
    this.#collections = new CollectionBook(writer)
  }

  apply(command: Command): Outcome {
    switch (command.kind) {
      case 'put':
        return this.#put(command)
      case 'delete':
        return this.#delete(command)
      case 'identity':
        return { kind: 'identity', value: applyIdentity(this.#writer, command) }
      case 'hilo-next':
        return this.#hiloNext(command)
      case 'hilo-return':
        return this.#hiloReturn(command)
      default:
        return command satisfies never
    }
  }

  /** `most`: tombstones that may go now; twice as many as there can be new ones, so that their number comes down. */
  *finish(most: number): Generator<undefined, void> {
    yield* this.#dropTombstones(most)
    this.#collections.save()
  }

  /** The oldest, beyond the number that is kept. */
  *#dropTombstones(most: number): Generator<undefined, void> {
    const count = Math.min(most, this.#writer.count(trees.tombstoneEtags) - tombstonesMax)
    if (count <= 0) return
    let dropped = 0
    for (const { value } of this.#writer.range(trees.tombstoneEtags)) {
      if (dropped === count) return
      this.#forgetTombstone(value.toString('latin1'))
      dropped += 1
      yield
    }
  }

  #put(command: PutCommand): PutOutcome {
    const etag = this.#writer.nextEtag()
    const id = this.#completed(command.id, etag)
    const key = idKey(id)
    const stored = this.#stored(key)
    this.#check({ ...command, id }, stored)
    const collection = this.#collections.numberOf(command.collection)
    if (stored === undefined) this.#forgetTombstone(key)
    else this.#replace(id, stored, collection)
    const record = { ...command, id, etag, lastModified: this.#now, collection }
    this.#writer.put(trees.documents, key, documentCodec.encode(record))
    this.#writer.put(trees.etags, uint64(etag), Buffer.from(key, 'latin1'))
    const place = collectionKey(collection) + uint64(etag)
    this.#writer.put(trees.collectionEtags, place, Buffer.from(key, 'latin1'))
    this.#collections.note(collection, { documents: stored === undefined ? 1 : 0, etag })
    const { name } = this.#collections.record(collection)
    return { kind: 'put', id, etag, collection: name, lastModified: this.#now }
  }

  #delete(command: DeleteCommand): Outcome {
    const { id } = command
    const key = idKey(id)
    const stored = this.#stored(key)
    this.#check(command, stored)
    if (stored === undefined) return { kind: 'delete', id, deleted: false }
    const etag = this.#writer.nextEtag()
    const { collection } = stored
    const tombstone = { etag, deletedAt: this.#now, collection, id }
    this.#forgetEtag(stored)
    this.#writer.delete(trees.documents, key)
    this.#writer.put(trees.tombstones, key, tombstoneCodec.encode(tombstone))
    this.#writer.put(trees.tombstoneEtags, uint64(etag), Buffer.from(key, 'latin1'))
    this.#collections.note(collection, { documents: -1, tombstones: 1, etag })
    return { kind: 'delete', id, deleted: true }
  }

  #hiloNext(command: HiloNext): Outcome {
    const document = this.#hilo(command.tag)
    const { low, high } = nextRange(command, hiloMax(command.tag, document?.body), this.#now)
    this.#putHilo(command.tag, high, document)
    return { kind: 'hilo', low, high, at: this.#now }
  }

  #hiloReturn(command: HiloReturn): Outcome {
    const document = this.#hilo(command.tag)
    const max = maxAfterReturn(command, hiloMax(command.tag, document?.body))
    if (max !== undefined) this.#putHilo(command.tag, max, document)
    return { kind: 'hilo', low: 0, high: 0, at: this.#now }
  }

  #hilo(tag: string): DocumentRecord | undefined {
    const bytes = this.#writer.get(trees.documents, idKey(hiloId(tag)))
    return bytes === undefined ? undefined : documentCodec.decode(Buffer.from(bytes))
  }

  /** A document that a client wrote itself keeps its collection and its other members. */
  #putHilo(tag: string, max: number, document: DocumentRecord | undefined): void {
    this.#put({
      kind: 'put',
      id: document?.id ?? hiloId(tag),
      collection:
        document === undefined
          ? hiloCollection
          : this.#collections.record(document.collection).name,
      metadata: document?.metadata ?? Buffer.from(`"@collection":"${hiloCollection}"`),
      body: withHiloMax(document?.body, max),
      bodyIsEmpty: false,
    })
  }

  #completed(id: string, etag: number): string {
    if (id.endsWith('|')) return checked(identityId(this.#writer, id))
    return checked(id.endsWith('/') ? numberedId(id, etag) : id)
  }

  #stored(key: string): Stored | undefined {
    const bytes = this.#writer.get(trees.documents, key)
    if (bytes === undefined) return undefined
    return { etag: documentCodec.etag(bytes), collection: documentCodec.collection(bytes) }
  }

  /** A delete that expects something, even "nothing", fails where nothing is, as in RavenDB. */
  #check({ kind, id, expected }: PutCommand | DeleteCommand, stored: Stored | undefined): void {
    if (expected === undefined) return
    const mustExist = kind === 'delete'
    const actual = stored === undefined ? null : changeVector(stored.etag, this.#databaseId)
    const matches = actual === null ? expected === '' && !mustExist : actual === expected
    if (!matches) throw databaseErrors.ConcurrencyConflict(id, expected, actual)
  }

  #replace(id: string, stored: Stored, collection: number): void {
    if (stored.collection !== collection) {
      const [from, to] = [stored.collection, collection].map(
        (number) => this.#collections.record(number).name,
      )
      throw databaseErrors.DocumentCollectionChanged(id, from ?? '', to ?? '')
    }
    this.#forgetEtag(stored)
  }

  #forgetEtag({ etag, collection }: Stored): void {
    this.#writer.delete(trees.etags, uint64(etag))
    this.#writer.delete(trees.collectionEtags, collectionKey(collection) + uint64(etag))
  }

  #forgetTombstone(key: string): void {
    const bytes = this.#writer.get(trees.tombstones, key)
    if (bytes === undefined) return
    const { etag, collection } = tombstoneCodec.decode(bytes)
    this.#writer.delete(trees.tombstones, key)
    this.#writer.delete(trees.tombstoneEtags, uint64(etag))
    this.#collections.note(collection, { tombstones: -1 })
  }
}

function checked(id: string): string {
  checkId(id)
  return id
}
