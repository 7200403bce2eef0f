/**
 * The page store on disk: one LMDB environment, the only import of lmdb.
 *
 * Keys are page numbers, eight bytes big-endian; the root lies under 0. Only the unnamed database is used, so the file shows no
 * name. Values fill exactly one LMDB page each. Never use `useWritemap` (a full disk is SIGBUS) or `encryptionKey` (not authenticated).
 */
import { chmodSync, mkdirSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { open, type RootDatabase } from 'lmdb'
import { errors } from '#server/errors.ts'
import { putSlicePages } from '#server/limits.ts'
import { demandOwnFiles, lockFile, pagesFile, rootKey } from './files.ts'
import { peekValue } from './inspect.ts'
import { OpenFiles } from './open-files.ts'
import type { PageChange, PageStore } from './page-store.ts'
import { ReaderSlot } from './reader-slot.ts'

export interface LmdbPageStoreOptions {
  /** Made if it does not exist. */
  readonly folder: string
  /** Name of the database, for texts of errors. */
  readonly database: string
}

/**
 * Opens or makes the environment. A damaged file may end the process: inspect it first (`inspectPages`).
 *
 * @throws DataFileForeign, DiskFull
 */
export function openLmdbPageStore({ folder, database }: LmdbPageStoreOptions): PageStore {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  demandOwnFiles(folder, database)
  const files = new OpenFiles(folder, database)
  try {
    const environment = openEnvironment(folder)
    files.opened()
    return new LmdbPageStore({ environment, files, folder, database })
  } catch (error) {
    files.close()
    throw error
  }
}

function openEnvironment(folder: string): RootDatabase<Buffer, Buffer> {
  const environment = open<Buffer, Buffer>(join(folder, pagesFile), {
    pageSize: pageBytes,
    overlappingSync: false,
    // With it, lmdb makes one more promise for each commit, which nobody holds: a failed commit would end the process.
    eventTurnBatching: false,
    compression: false,
    cache: false,
    encoding: 'binary',
    keyEncoding: 'binary',
    maxDbs: 1,
  })
  for (const name of [pagesFile, lockFile]) chmodSync(join(folder, name), 0o600)
  return environment
}

const pageBytes = 8192

interface Parts extends Required<LmdbPageStoreOptions> {
  readonly environment: RootDatabase<Buffer, Buffer>
  readonly files: OpenFiles
}

class LmdbPageStore implements PageStore {
  readonly #environment: RootDatabase<Buffer, Buffer>
  readonly #files: OpenFiles
  readonly #folder: string
  readonly #database: string
  readonly #key = Buffer.alloc(8)
  readonly #slot: ReaderSlot
  #isClosed = false

  constructor({ environment, files, folder, database }: Parts) {
    this.#environment = environment
    this.#files = files
    this.#slot = new ReaderSlot(environment, process.pid)
    this.#folder = folder
    this.#database = database
  }

  /** What somebody else has changed is read past LMDB. */
  read(page: number): Buffer | undefined {
    if (this.#condition() === 'changed') return this.#peek(page)
    try {
      return this.#slot.read(() => this.#environment.getBinary(this.#keyOf(page)))
    } catch (error) {
      throw errors.DatabaseDamaged(this.#database, `page ${page} cannot be read (${reason(error)})`)
    }
  }

  readRoot(): Buffer | undefined {
    this.#demandOpen()
    if (this.#files.lookByName() === 'changed') return this.#peek(rootKey)
    this.#environment.resetReadTxn()
    return this.read(rootKey)
  }

  async commit(change: PageChange): Promise<void> {
    this.#demandOpen()
    if (this.#files.lookByName() === 'changed') throw this.#changed(change)
    const outcome = await this.#files.writing(() => this.#transaction(change))
    if (outcome === 'taken') throw errors.DataDirectoryTaken(this.#database)
  }

  isChanged(): boolean {
    this.#demandOpen()
    return this.#files.lookByName() === 'changed'
  }

  /** The comparison comes first: lmdb keeps what was put in an asynchronous transaction whose function throws later. */
  async #transaction(change: PageChange): Promise<'ours' | 'taken'> {
    let found: 'ours' | 'taken' = 'taken'
    try {
      await this.#environment.transaction(() => {
        const stored = this.#environment.getBinary(this.#keyOf(rootKey))
        if (!isSame(stored, change.expectedRoot)) return undefined
        found = 'ours'
        return this.#put(change)
      })
    } catch (error) {
      throw await this.#failure(error, change.pages.length)
    }
    return found
  }

  /** Another root stands for another process; the same one for a program that wrote here and is none of us. */
  #changed({ expectedRoot }: PageChange): Error {
    return isSame(this.#peek(rootKey), expectedRoot)
      ? errors.DataFileChanged(this.#database)
      : errors.DataDirectoryTaken(this.#database)
  }

  #peek(key: number): Buffer | undefined {
    return peekValue({ folder: this.#folder, database: this.#database }, key)
  }

  #condition() {
    this.#demandOpen()
    return this.#files.look()
  }

  #demandOpen(): void {
    if (this.#isClosed) throw errors.DatabaseClosed(this.#database)
  }

  /**
   * Returns a promise only where there is much: the transaction then stays open while others have their turn. What they read
   * meanwhile they read in it, and find the same, since pages are new and no page is freed that somebody may still read.
   */
  #put(change: PageChange): Promise<void> | undefined {
    if (change.pages.length + change.freed.length > putSlicePages) return this.#putInSlices(change)
    this.#putPages(change.pages)
    this.#remove(change.freed)
    this.#putRoot(change)
    return undefined
  }

  async #putInSlices(change: PageChange): Promise<void> {
    for (let at = 0; at < change.pages.length; at += putSlicePages) {
      this.#putPages(change.pages.slice(at, at + putSlicePages))
      await turn()
    }
    for (let at = 0; at < change.freed.length; at += putSlicePages) {
      this.#remove(change.freed.slice(at, at + putSlicePages))
      await turn()
    }
    this.#putRoot(change)
  }

  // Inside a transaction there is nothing to wait for but its end.
  #putPages(pages: PageChange['pages']): void {
    for (const { page, bytes } of pages) void this.#environment.put(this.#keyOf(page), bytes)
  }

  #remove(pages: readonly number[]): void {
    for (const page of pages) void this.#environment.remove(this.#keyOf(page))
  }

  #putRoot({ root }: PageChange): void {
    void this.#environment.put(this.#keyOf(rootKey), root)
  }

  *pages(): Iterable<number> {
    if (this.isChanged()) throw errors.DataFileChanged(this.#database)
    this.readRoot()
    const start = Buffer.from(this.#keyOf(rootKey + 1))
    for (const key of this.#slot.iterate(() => this.#environment.getKeys({ start })))
      yield key.readUInt32BE(0) * 0x1_0000_0000 + key.readUInt32BE(4)
  }

  sizeBytes(): number {
    return statSync(join(this.#folder, pagesFile), { throwIfNoEntry: false })?.size ?? 0
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#files.beforeClose()
    await this.#environment.close()
    this.#files.close()
  }

  #keyOf(page: number): Buffer {
    this.#key.writeUInt32BE(Math.floor(page / 0x1_0000_0000), 0)
    this.#key.writeUInt32BE(page % 0x1_0000_0000, 4)
    return this.#key
  }

  /** The cause of a failed commit comes as a second rejected promise, which ends the process unless somebody holds it. */
  async #failure(error: unknown, pages: number): Promise<Error> {
    const cause = await causeOf(error)
    const code = codeOf(cause)
    const isFull =
      code === noSpace || code === quotaExceeded || (code === shortWrite && this.#hasNoRoom(pages))
    return isFull
      ? errors.DiskFull(this.#database)
      : errors.StorageFailed(this.#database, reason(cause))
  }

  /** Where a write stops in the middle, lmdb reports an input/output error: only the disk itself tells the two apart. */
  #hasNoRoom(pages: number): boolean {
    const { bavail, bsize } = statfsSync(this.#folder)
    return bavail * bsize < (pages + sparePages) * pageBytes
  }
}

/** Error numbers of the system: ENOSPC, EDQUOT, EIO. */
const noSpace = 28
const quotaExceeded = 122
const shortWrite = 5
/** What LMDB may need for its own tree besides the pages of a commit. */
const sparePages = 64

async function causeOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !('commitError' in error)) return error
  return Promise.resolve(error.commitError).catch((cause: unknown) => cause)
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function isSame(found: Buffer | undefined, expected: Buffer | undefined): boolean {
  if (found === undefined || expected === undefined) return found === expected
  return found.equals(expected)
}
