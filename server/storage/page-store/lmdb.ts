/**
 * The page store on disk: one LMDB environment, the only import of lmdb.
 *
 * Keys are page numbers, eight bytes big-endian; the root lies under 0. Only the unnamed database is used, so the file shows no
 * name. Values fill exactly one LMDB page each. Never use `useWritemap` (a full disk is SIGBUS) or `encryptionKey` (not authenticated).
 */
import { chmodSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { open, type RootDatabase } from 'lmdb'
import { errors } from '#server/errors.ts'
import { putSlicePages } from '#server/limits.ts'
import { pagesFile } from './files.ts'
import type { PageChange, PageStore } from './page-store.ts'
import { ReaderSlot } from './reader-slot.ts'

export interface LmdbPageStoreOptions {
  /** Made if it does not exist. */
  readonly folder: string
  /** Name of the database, for texts of errors. */
  readonly database: string
}

/** Opens or makes the environment. A damaged file may end the process: inspect it first (`inspectPages`). */
export function openLmdbPageStore({ folder, database }: LmdbPageStoreOptions): PageStore {
  const file = join(folder, pagesFile)
  const environment = open<Buffer, Buffer>(file, {
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
  for (const path of [file, `${file}-lock`]) chmodSync(path, 0o600)
  return new LmdbPageStore(environment, { file, database })
}

const rootKey = 0
const pageBytes = 8192

class LmdbPageStore implements PageStore {
  readonly #environment: RootDatabase<Buffer, Buffer>
  readonly #file: string
  readonly #database: string
  readonly #key = Buffer.alloc(8)
  readonly #slot: ReaderSlot

  constructor(
    environment: RootDatabase<Buffer, Buffer>,
    { file, database }: { file: string; database: string },
  ) {
    this.#environment = environment
    this.#slot = new ReaderSlot(environment, process.pid)
    this.#file = file
    this.#database = database
  }

  read(page: number): Buffer | undefined {
    try {
      return this.#slot.read(() => this.#environment.getBinary(this.#keyOf(page)))
    } catch (error) {
      throw errors.DatabaseDamaged(this.#database, `page ${page} cannot be read (${reason(error)})`)
    }
  }

  readRoot(): Buffer | undefined {
    this.#environment.resetReadTxn()
    return this.read(rootKey)
  }

  /** The comparison comes first: lmdb keeps what was put in an asynchronous transaction whose function throws later. */
  async commit(change: PageChange): Promise<void> {
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
    if (found === 'taken') throw errors.DataDirectoryTaken(this.#database)
  }

  /**
   * Returns a promise only where there is much: the transaction then stays open while others have their turn. What they read
   * meanwhile they read in it, and find the same, since pages are new and no page is freed that somebody may still read.
   */
  #put(change: PageChange): Promise<void> | undefined {
    if (change.pages.length > putSlicePages) return this.#putInSlices(change)
    this.#putPages(change.pages)
    this.#putRest(change)
    return undefined
  }

  async #putInSlices(change: PageChange): Promise<void> {
    for (let at = 0; at < change.pages.length; at += putSlicePages) {
      this.#putPages(change.pages.slice(at, at + putSlicePages))
      await turn()
    }
    this.#putRest(change)
  }

  // Inside a transaction there is nothing to wait for but its end.
  #putPages(pages: PageChange['pages']): void {
    for (const { page, bytes } of pages) void this.#environment.put(this.#keyOf(page), bytes)
  }

  #putRest({ freed, root }: PageChange): void {
    for (const page of freed) void this.#environment.remove(this.#keyOf(page))
    void this.#environment.put(this.#keyOf(rootKey), root)
  }

  *pages(): Iterable<number> {
    this.readRoot()
    const start = Buffer.from(this.#keyOf(rootKey + 1))
    for (const key of this.#slot.iterate(() => this.#environment.getKeys({ start })))
      yield key.readUInt32BE(0) * 0x1_0000_0000 + key.readUInt32BE(4)
  }

  sizeBytes(): number {
    return statSync(this.#file).size
  }

  async close(): Promise<void> {
    await this.#environment.close()
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
    const { bavail, bsize } = statfsSync(this.#file)
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
