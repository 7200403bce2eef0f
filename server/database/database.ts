/**
 * One open database: what routes and queries call. It reads snapshots of its engine and turns every change into a write-set. Whoever
 * opens it builds the engine with `documentApply(id)` and closes the database, which closes the engine.
 */

import { bodyBytesMax, loadIdsMax } from '#server/limits.ts'
import type { Engine, EngineFigures, Reader } from '#server/storage/engine.types.ts'
import type { Clock } from '#shared/clock.ts'
import { batchAnswer, readBatch } from './batch.ts'
import { changeVector } from './change-vector.ts'
import { etagOf, newestKeys, type PrefixRequest, prefixKeys, prefixSteps } from './documents.ts'
import { databaseErrors } from './errors.ts'
import { identities } from './identities.ts'
import { checkIdLength } from './ids.ts'
import { joined, type Page, pageOf, rendered } from './listing.ts'
import { type Loaded, type LoadRequest, loadMany, loadOne } from './load.ts'
import { joinDocument, joinMetadata, splitDocument } from './metadata.ts'
import { inSlices } from './slices.ts'
import {
  collectionStatistics,
  detailedCollectionStatistics,
  detailedStatistics,
  essentialStatistics,
  statistics,
} from './statistics.ts'
import type { IdentityRecord } from './tables.ts'
import type {
  Command,
  HiloNext,
  HiloOutcome,
  HiloReturn,
  IdentityCommand,
  IdentityOutcome,
  Outcome,
  PutOutcome,
  WriteSet,
} from './write-set.ts'

/** What a database is opened with. */
export interface DatabaseParts {
  readonly name: string
  /** 22 characters of base64; part of every change vector. */
  readonly id: string
  /** The id of its files, where that is another one. */
  readonly storageId?: string
  readonly isEncrypted: boolean
  /** Built with `documentApply(id)`; the engine of the files of `storageId`. */
  readonly engine: Engine<WriteSet, readonly Outcome[]>
  readonly clock: Clock
  /** A new id for a document that has none. */
  readonly newId: () => string
}

/** A list as a stream with the version it shows. */
export interface Listing {
  readonly etag: string
  readonly body: AsyncGenerator<Buffer>
}

export function openDatabase(parts: DatabaseParts): Database {
  return new Database(parts)
}

export class Database {
  readonly name: string
  readonly id: string
  readonly storageId: string
  readonly isEncrypted: boolean
  readonly #engine: Engine<WriteSet, readonly Outcome[]>
  readonly #clock: Clock
  readonly #newId: () => string
  #operations = 0

  constructor(parts: DatabaseParts) {
    this.name = parts.name
    this.id = parts.id
    this.storageId = parts.storageId ?? parts.id
    this.isEncrypted = parts.isEncrypted
    this.#engine = parts.engine
    this.#clock = parts.clock
    this.#newId = parts.newId
  }

  /** Stores a document. `expected` as in `PutCommand`. */
  async put(id: string, body: Buffer, expected: string | undefined): Promise<PutOutcome> {
    const document = await inSlices(splitDocument(body))
    return this.#submitOne({ kind: 'put', id, ...expectation(expected), ...document })
  }

  /** Deletes a document if it is there. */
  async delete(id: string, expected: string | undefined): Promise<void> {
    await this.#submitOne({ kind: 'delete', id, ...expectation(expected) })
  }

  /** Runs the body of `bulk_docs`; resolves, when durable, with its answer. */
  async batch(body: Buffer, documentBytesMax = bodyBytesMax): Promise<string> {
    const options = { newId: this.#newId, documentBytesMax }
    const commands = await inSlices(readBatch(body, options))
    const outcomes = commands.length === 0 ? [] : await this.#submit(commands)
    return inSlices(batchAnswer(outcomes, this.id))
  }

  /** Loads documents by their ids. `known`: the version that the caller has. A stream must be read to its end or returned. */
  async load(request: LoadRequest, known: string | undefined): Promise<Loaded> {
    for (const id of request.ids) checkIdLength(id)
    const { length } = request.ids
    if (length > loadIdsMax) throw databaseErrors.LoadTooLarge('ids', length, loadIdsMax)
    const context = { databaseId: this.id, known }
    if (length === 1 && request.includes.length === 0)
      return this.#engine.read((reader) => loadOne(reader, request, context))
    const snapshot = this.#engine.snapshot()
    let isReadOn = false
    try {
      const loaded = await loadMany(snapshot, request, context)
      if (loaded.kind !== 'found' || !(Symbol.asyncIterator in loaded.body)) return loaded
      isReadOn = true
      return { ...loaded, body: releasing(snapshot, loaded.body) }
    } finally {
      if (!isReadOn) snapshot[Symbol.dispose]()
    }
  }

  /** The change vector of a document; undefined where there is none. */
  version(id: string): string | undefined {
    checkIdLength(id)
    const etag = this.#engine.read((reader) => etagOf(reader, id))
    return etag === undefined ? undefined : changeVector(etag, this.id)
  }

  /** All documents, newest first, or those whose ids begin with a prefix, by id. The stream must be read to its end or returned. */
  list(wanted: PrefixRequest | undefined, page: Page, metadataOnly: boolean): Listing {
    const snapshot = this.#engine.snapshot()
    const join = metadataOnly ? joinMetadata : joinDocument
    const keys = wanted === undefined ? newestKeys(snapshot) : prefixKeys(snapshot, wanted)
    const stepsPerKey = wanted === undefined ? 1 : prefixSteps(wanted)
    const records = pageOf(snapshot, keys, { ...page, stepsPerKey })
    const texts = rendered(records, (record) => join(record, this.id))
    const body = joined('{"Results":[', texts, ']}')
    return { etag: changeVector(snapshot.lastEtag, this.id), body: releasing(snapshot, body) }
  }

  /** The version that `list` shows, without reading anything. */
  get listVersion(): string {
    return changeVector(
      this.#engine.read((reader) => reader.lastEtag),
      this.id,
    )
  }

  /** A view for a query; release it. */
  snapshot(): Reader & Disposable {
    return this.#engine.snapshot()
  }

  /** Gives or sets an identity. */
  async identity(command: Omit<IdentityCommand, 'kind'>): Promise<number> {
    checkIdLength(command.name)
    const outcome = await this.#submitOne<IdentityOutcome>({ kind: 'identity', ...command })
    return outcome.value
  }

  get identities(): readonly IdentityRecord[] {
    return this.#engine.read(identities)
  }

  async hilo(command: HiloNext | HiloReturn): Promise<HiloOutcome> {
    return this.#submitOne(command)
  }

  /** Number of the next long operation; unique while the database is open. */
  nextOperationId(): number {
    this.#operations += 1
    return this.#operations
  }

  get essentialStatistics(): object {
    return this.#engine.read(essentialStatistics)
  }

  get statistics(): object {
    return this.#engine.read((reader) => statistics(reader, this.#engine, this.id))
  }

  get detailedStatistics(): object {
    return { ...this.#engine.read(detailedStatistics), ...this.statistics }
  }

  get collectionStatistics(): object {
    return this.#engine.read(collectionStatistics)
  }

  get detailedCollectionStatistics(): object {
    return this.#engine.read(detailedCollectionStatistics)
  }

  /** Figures of the engine, for metrics. */
  get figures(): EngineFigures {
    return this.#engine.figures
  }

  /** Resolves when everything is durable and closed. */
  async close(): Promise<void> {
    await this.#engine.close()
  }

  async #submitOne<Result extends Outcome>(command: Command): Promise<Result> {
    const [outcome] = await this.#submit([command])
    return outcome as Result
  }

  #submit(commands: readonly Command[]): Promise<readonly Outcome[]> {
    return this.#engine.submit({ now: this.#clock.now(), commands })
  }
}

function expectation(expected: string | undefined): { readonly expected?: string } {
  return expected === undefined ? {} : { expected }
}

/** Releases the view when the stream ends, breaks or is given up. */
export async function* releasing(
  view: Disposable,
  body: AsyncGenerator<Buffer>,
): AsyncGenerator<Buffer> {
  using _view = view
  yield* body
}
