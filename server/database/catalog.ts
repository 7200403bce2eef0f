/**
 * The databases of this server: found by name in any case, opened when first used, created, changed, disabled and deleted.
 *
 * Everything that happens to one database happens in turn. One that cannot be opened is an error of its own requests; all others
 * serve. What an earlier process began and could not end, `start` finishes.
 */
import { errors } from '#server/errors.ts'
import type { EngineFigures } from '#server/storage/engine.types.ts'
import {
  type DatabaseRecord,
  databaseTable,
  findDatabase,
  listDatabases,
} from '#server/system/databases.ts'
import { systemErrors } from '#server/system/errors.ts'
import type { PostedDatabase } from '#server/system/posted-database.ts'
import { indexOfRepeated, type RepeatableRequest } from '#server/system/requests.ts'
import type { Versioned } from '#server/system/system.types.ts'
import { databaseKey } from '#shared/database-name.ts'
import { type CodedError, hasCode } from '#shared/errors.ts'
import { randomId } from '#shared/random.ts'
import { Turns } from '#shared/turns.ts'
import { changedDatabase, type RecordParts } from './catalog-records.ts'
import { createDatabase, finishCreation, type LifecycleParts } from './creation.ts'
import type { Database } from './database.ts'
import type { Databases } from './databases.ts'
import { deleteHard, deleteSoft, finishDeletion } from './deletion.ts'
import {
  loadFailure,
  OpenDatabases,
  type OpenDatabasesParts,
  type Opened,
} from './open-databases.ts'

export interface CatalogParts extends OpenDatabasesParts, RecordParts {
  readonly onStep?: LifecycleParts['onStep']
}

/** A database as the server store has it, and the index of the write that did what was asked. */
export interface Changed {
  readonly index: number
  readonly found: Versioned<DatabaseRecord>
}

export class Catalog implements Databases {
  readonly #parts: CatalogParts & LifecycleParts
  readonly #databases: OpenDatabases
  readonly #turns = new Turns()
  #ended = false

  constructor(parts: CatalogParts) {
    this.#databases = new OpenDatabases(parts)
    this.#parts = { ...parts, databases: this.#databases }
  }

  /** Finishes what was begun. Failures are reported and stop nobody: the next start tries again. */
  async start(): Promise<void> {
    for (const found of this.#parts.system.list(databaseTable)) {
      const finish = finishing[found.record.state]
      if (finish === undefined) continue
      await this.#turns
        .take(found.key, () => finish(this.#parts, found))
        .catch((error: unknown) => this.#reportFailure(found.record.name, error))
    }
  }

  /** Opens all that are enabled, one after the other, so that their first callers need not wait. */
  async openAll(): Promise<void> {
    for (const { record } of listDatabases(this.#parts.system)) {
      if (record.disabled || this.#ended) continue
      // Reported where it happened.
      await this.open(record.name).catch(() => undefined)
    }
  }

  async open(name: string): Promise<Database> {
    const key = databaseKey(name)
    const opened = this.#databases.get(key)
    if (opened !== undefined) return opened.database
    // Before anybody waits: names that are not there take no turns.
    this.#existing(name)
    return this.#turns.take(key, () => this.#openNow(name))
  }

  /** Nothing where there is no such database. */
  find(name: string): Versioned<DatabaseRecord> | undefined {
    return findDatabase(this.#parts.system, name)
  }

  /** All of them, by name without regard to case. */
  list(): Versioned<DatabaseRecord>[] {
    return listDatabases(this.#parts.system)
  }

  /** What is known of it without opening it. */
  state(name: string): {
    readonly open: Pick<Opened, 'database' | 'since'> | undefined
    /** Why nobody can open it until an administrator acts, or what damage it met while it was open. */
    readonly quarantine: CodedError | undefined
    readonly sizeBytes: number
  } {
    const key = databaseKey(name)
    const [open, quarantine] = [this.#databases.get(key), this.#databases.quarantine(key)]
    const id = this.find(name)?.record.id ?? ''
    const sizeBytes = open?.engine.figures.sizeOnDiskBytes ?? this.#databases.files.sizeBytes(id)
    return { open, quarantine: quarantine ?? open?.damage(), sizeBytes }
  }

  /** @throws DatabaseExists, EncryptionNeedsHttps, EncryptionRequired, EncryptionCannotChange, and what opening answers */
  create(posted: PostedDatabase, request?: RepeatableRequest): Promise<Changed> {
    return this.#turns.take(databaseKey(posted.name), async () => {
      this.#checkOpen(posted.name)
      const repeated = indexOfRepeated(this.#parts.system, request)
      const index = repeated ?? (await createDatabase(this.#parts, { posted, request }))
      return { index, found: this.#existing(posted.name) }
    })
  }

  /** Changes what may change in a record that the caller read at `etag`. @throws DatabaseRecordChanged, EncryptionCannotChange */
  change(posted: PostedDatabase, etag: string): Promise<Changed> {
    return this.#turns.take(databaseKey(posted.name), async () => {
      const { record, version } = this.#existing(posted.name)
      if (etag === String(version)) return this.#rewrite(changedDatabase(record, posted))
      throw systemErrors.DatabaseRecordChanged(record.name, etag, version)
    })
  }

  /** Replaces the settings. @throws DatabaseDoesNotExist */
  configure(name: string, settings: DatabaseRecord['settings']): Promise<Changed> {
    return this.#turns.take(databaseKey(name), async () =>
      this.#rewrite({ ...this.#existing(name).record, settings }),
    )
  }

  /** Enabling also lets a quarantined one be tried again. Nothing where there is no such database. */
  setDisabled(name: string, disabled: boolean): Promise<Changed | undefined> {
    return this.#turns.take(databaseKey(name), async () => {
      const found = this.find(name)
      if (found === undefined) return undefined
      this.#databases.release(found.key)
      return this.#rewrite({ ...found.record, disabled })
    })
  }

  /** Index of the deletion; nothing where there is no such database. */
  delete(
    name: string,
    { hard, request }: { readonly hard: boolean; readonly request?: RepeatableRequest | undefined },
  ): Promise<number | undefined> {
    return this.#turns.take(databaseKey(name), async () => {
      const repeated = indexOfRepeated(this.#parts.system, request)
      const found = this.find(name)
      // A database that was made again since then is not the one that was meant.
      if (repeated !== undefined || found === undefined) return repeated
      return (hard ? deleteHard : deleteSoft)(this.#parts, found, request)
    })
  }

  /** Serves a database that was put back from an older copy. @throws DatabaseNotRolledBack, and what opening answers */
  acceptRollback(name: string): Promise<DatabaseRecord> {
    return this.#turns.take(databaseKey(name), async () => {
      const { key, record } = this.#existing(name)
      const failure: unknown = await this.#openNow(name).catch((error: unknown) => error)
      if (!hasCode(failure, 'DatabaseRolledBack')) {
        throw systemErrors.DatabaseNotRolledBack(record.name)
      }
      // What it gave out after the copy was taken it will give out again, for other content.
      const accepted = { ...record, publicId: randomId() }
      await this.#parts.system.write([
        { table: databaseTable, key, record: accepted },
        this.#parts.anchors.dropping(record.id),
      ])
      this.#databases.release(key)
      await this.#openNow(name)
      return accepted
    })
  }

  /** For metrics: engines of what is open, how many have met damage, and how many are quarantined. */
  get figures(): {
    readonly engines: readonly EngineFigures[]
    readonly damaged: number
    readonly quarantined: number
  } {
    const { all, damagedCount: damaged, quarantinedCount: quarantined } = this.#databases
    return { engines: all.map(({ figures }) => figures), damaged, quarantined }
  }

  /** Closes the databases whose files are not as they left them. @throws DataDirectoryTaken where another process owns them now */
  verifyOwners(): void {
    for (const { key, error } of this.#databases.lost()) {
      void this.#turns.take(key, () => this.#databases.drop(key, error))
    }
  }

  /** Has every open database write down the newest commit of the server store. */
  recordStoreCommit(): Promise<void> {
    return this.#databases.recordStoreCommit()
  }

  /** No commit begins any more; resolves when those under way have ended. */
  abandon(reason: Error): Promise<void> {
    this.#ended = true
    return this.#databases.abandon(reason)
  }

  /** Resolves when all are durable and closed, and their anchors written. */
  async close(): Promise<void> {
    this.#ended = true
    await this.#turns.idle()
    const closing = this.#databases.keys.map((key) =>
      this.#turns.take(key, () => this.#databases.close(key)),
    )
    // One that fails, because its files are another's now, keeps no other from its last anchor.
    const ends = await Promise.allSettled([...closing, this.#parts.anchors.close()])
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  }

  #existing(name: string): Versioned<DatabaseRecord> {
    const found = this.find(name)
    if (found === undefined) throw systemErrors.DatabaseDoesNotExist(name)
    return found
  }

  #checkOpen(name: string): void {
    if (this.#ended) throw errors.DatabaseClosed(name)
  }

  async #openNow(name: string): Promise<Database> {
    this.#checkOpen(name)
    const { key, record } = this.#existing(name)
    if (record.disabled) throw systemErrors.DatabaseDisabled(record.name)
    return this.#databases.open(key, record)
  }

  /** Only in turn, so no other write of this record can come between. */
  async #rewrite(record: DatabaseRecord): Promise<Changed> {
    const key = databaseKey(record.name)
    const index = await this.#parts.system.write([{ table: databaseTable, key, record }])
    if (record.disabled) await this.#databases.close(key)
    return { index, found: this.#existing(record.name) }
  }

  #reportFailure(name: string, error: unknown): void {
    const failure = loadFailure(name, error)
    if (failure === undefined) throw error
    this.#parts.report({ kind: 'failed', name, error: failure })
  }
}

const finishing: Partial<
  Record<
    DatabaseRecord['state'],
    (parts: LifecycleParts, found: Versioned<DatabaseRecord>) => Promise<void>
  >
> = { creating: finishCreation, deleting: finishDeletion }
