/** Which databases are open, and which are quarantined. Callers see to it that one database has one caller at a time. */
import type { Anchors } from '#server/system/anchors.ts'
import { type DatabaseRecord, publicId } from '#server/system/databases.ts'
import { systemErrors } from '#server/system/errors.ts'
import { CodedError } from '#shared/errors.ts'
import { type DatabaseEngine, DatabaseFiles, type DatabaseFilesParts } from './catalog-files.ts'
import { type Database, openDatabase } from './database.ts'

export type CatalogEvent =
  | { readonly kind: 'opened' | 'closed'; readonly name: string }
  | { readonly kind: 'failed'; readonly name: string; readonly error: CodedError }
  /** An open one met damage, for the first time since it was opened; what is not damaged it still serves. */
  | { readonly kind: 'damaged'; readonly name: string; readonly error: CodedError }
  /** An open one had to be closed: its files are not as it left them. */
  | { readonly kind: 'lost'; readonly name: string; readonly error: CodedError }

export interface OpenDatabasesParts extends DatabaseFilesParts {
  readonly anchors: Anchors
  /** A new id for a document that has none. */
  readonly newId: () => string
  /** Told what happens to databases, for log and audit. */
  readonly report: (event: CatalogEvent) => void
}

/** A database that serves. */
export interface Opened {
  readonly database: Database
  /** Milliseconds since 1970. */
  readonly since: number
  readonly engine: DatabaseEngine
  /** The first damage that was met in it. */
  readonly damage: () => CodedError | undefined
}

/** Failures that trying again does not mend: the database waits for an administrator. */
const lasting: ReadonlySet<string> = new Set([
  ...['DatabaseDamaged', 'DatabaseRolledBack', 'DatabaseFilesMissing', 'WrappedKeyDamaged'],
  ...['DataFileForeign', 'DataFileGone'],
])

export class OpenDatabases {
  readonly files: DatabaseFiles
  readonly #parts: OpenDatabasesParts
  /** By folded name, like the next. */
  readonly #opened = new Map<string, Opened>()
  readonly #quarantined = new Map<string, CodedError>()

  constructor(parts: OpenDatabasesParts) {
    this.#parts = parts
    this.files = new DatabaseFiles(parts)
  }

  get(key: string): Opened | undefined {
    return this.#opened.get(key)
  }

  get all(): Database[] {
    return [...this.#opened.values()].map(({ database }) => database)
  }

  get quarantinedCount(): number {
    return this.#quarantined.size
  }

  get keys(): string[] {
    return [...this.#opened.keys()]
  }

  /** Why a database is quarantined. */
  quarantine(key: string): CodedError | undefined {
    return this.#quarantined.get(key)
  }

  /** Lets the next one try again. */
  release(key: string): void {
    this.#quarantined.delete(key)
  }

  /** Opens a database if it is not. Where that fails for good it is quarantined, and fails in the same way until released. */
  async open(key: string, record: DatabaseRecord): Promise<Database> {
    const known = this.#opened.get(key)
    if (known !== undefined) return known.database
    const reason = this.#quarantined.get(key)
    if (reason !== undefined) throw reason
    try {
      return await this.#open(key, record)
    } catch (error) {
      throw this.#failed(key, record.name, error)
    }
  }

  /** Closes it and writes its anchor; harmless where it is not open. */
  async close(key: string): Promise<void> {
    const opened = this.#opened.get(key)
    if (opened === undefined) return
    const { database } = opened
    this.#opened.delete(key)
    await database.close()
    await this.#parts.anchors.leave(database.storageId)
    this.#parts.report({ kind: 'closed', name: database.name })
  }

  /** Databases whose files are not as they left them any more, each with the reason. @throws DataDirectoryTaken */
  lost(): { readonly key: string; readonly error: CodedError }[] {
    return [...this.#opened].flatMap(([key, { engine }]) => {
      try {
        engine.verifyOwner()
        return []
      } catch (error) {
        if (!(error instanceof CodedError) || error.code === 'DataDirectoryTaken') throw error
        return [{ key, error }]
      }
    })
  }

  /** Closes a database whose files were lost under it. It is quarantined, or opened anew by the next request where that may help. */
  async drop(key: string, error: CodedError): Promise<void> {
    const opened = this.#opened.get(key)
    if (opened === undefined) return
    const { database, engine } = opened
    const { name } = database
    this.#opened.delete(key)
    const failure = loadFailure(name, error) ?? error
    if (lasting.has(error.code)) this.#quarantined.set(key, failure)
    this.#parts.report({ kind: 'lost', name, error: failure })
    await engine.abandon(failure)
    await this.#parts.anchors.leave(database.storageId).catch(() => undefined)
    await database.close()
  }

  /** How many open ones have met damage. */
  get damagedCount(): number {
    return [...this.#opened.values()].filter(({ damage }) => damage() !== undefined).length
  }

  /** Has all open databases write down the newest commit of the server store: one after the other, each at most once for all that came. */
  async recordStoreCommit(): Promise<void> {
    for (const { engine } of this.#opened.values()) await engine.recordStoreCommit()
  }

  /** No commit begins any more; resolves when those under way have ended. */
  async abandon(reason: Error): Promise<void> {
    await Promise.all([...this.#opened.values()].map(({ engine }) => engine.abandon(reason)))
  }

  async #open(key: string, record: DatabaseRecord): Promise<Database> {
    const { anchors, clock, newId, report } = this.#parts
    const { id, name, encrypted } = record
    let damage: CodedError | undefined
    const damaged = (error: CodedError): void => {
      damage = error
      report({ kind: 'damaged', name, error })
    }
    const engine = await this.files.open(record, { anchor: anchors.find(id), damaged })
    const ids = { id: publicId(record), storageId: id }
    const database = openDatabase({ ...ids, name, isEncrypted: encrypted, engine, clock, newId })
    this.#opened.set(key, { database, engine, since: clock.now(), damage: () => damage })
    anchors.follow(id, () => engine.position)
    report({ kind: 'opened', name })
    return database
  }

  #failed(key: string, name: string, error: unknown): unknown {
    const failure = loadFailure(name, error)
    if (failure === undefined) return error
    if (lasting.has(failure.code)) this.#quarantined.set(key, failure)
    this.#parts.report({ kind: 'failed', name, error: failure })
    return failure
  }
}

/** The error as RavenDB's clients know one of a database that does not load; nothing for a mistake of ours. */
export function loadFailure(name: string, error: unknown): CodedError | undefined {
  if (error instanceof CodedError) {
    const { details, headers } = error
    const { type } = systemErrors.DatabaseNotOpened.row
    return new CodedError(error.code, error.message, { status: 503, type, details, headers })
  }
  // Errors of the system, and of LMDB, have a code; those of ours do not.
  if (!(error instanceof Error) || !('code' in error) || error.code === 'ERR_ASSERTION') {
    return undefined
  }
  return systemErrors.DatabaseNotOpened(name, error.message)
}
