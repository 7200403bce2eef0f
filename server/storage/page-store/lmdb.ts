/**
 * The page store on disk: one LMDB environment, the only import of lmdb.
 *
 * Keys are page numbers, eight bytes big-endian; the root lies under 0. Only the unnamed database is used, so the file shows no
 * name. Values fill exactly one LMDB page each. Never use `useWritemap` (a full disk is SIGBUS) or `encryptionKey` (not authenticated).
 */
import { chmodSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { open, type RootDatabase } from 'lmdb'
import { errors } from '#server/errors.ts'
import type { PageChange, PageStore } from './page-store.ts'

/** The one file with content in a database's folder; a lock file lies beside it. */
export const pagesFile = 'pages.mdb'

export interface LmdbPageStoreOptions {
  /** Made if it does not exist. */
  readonly folder: string
  /** Name of the database, for texts of errors. */
  readonly database: string
}

/** Opens or makes the environment. A damaged file may end the process: walk it in a child first (`inspect`). */
export function openLmdbPageStore({ folder, database }: LmdbPageStoreOptions): PageStore {
  const file = join(folder, pagesFile)
  const environment = open<Buffer, Buffer>(file, {
    pageSize: 8192,
    overlappingSync: false,
    compression: false,
    cache: false,
    encoding: 'binary',
    keyEncoding: 'binary',
    maxDbs: 1,
  })
  chmodSync(file, 0o600)
  return new LmdbPageStore(environment, { file, database })
}

const rootKey = 0

class LmdbPageStore implements PageStore {
  readonly #environment: RootDatabase<Buffer, Buffer>
  readonly #file: string
  readonly #database: string
  readonly #key = Buffer.alloc(8)

  constructor(
    environment: RootDatabase<Buffer, Buffer>,
    { file, database }: { file: string; database: string },
  ) {
    this.#environment = environment
    this.#file = file
    this.#database = database
  }

  read(page: number): Buffer | undefined {
    try {
      return this.#environment.getBinary(this.#keyOf(page))
    } catch (error) {
      throw errors.DatabaseDamaged(this.#database, `page ${page} cannot be read (${reason(error)})`)
    }
  }

  readRoot(): Buffer | undefined {
    this.#environment.resetReadTxn()
    return this.read(rootKey)
  }

  /** The comparison comes first: lmdb keeps what was put in an asynchronous transaction whose function throws later. */
  async commit({ pages, freed, root, expectedRoot }: PageChange): Promise<void> {
    let found: 'ours' | 'taken' = 'taken'
    try {
      await this.#environment.transaction(() => {
        const stored = this.#environment.getBinary(this.#keyOf(rootKey))
        if (!isSame(stored, expectedRoot)) return
        found = 'ours'
        for (const { page, bytes } of pages) this.#environment.put(this.#keyOf(page), bytes)
        for (const page of freed) this.#environment.remove(this.#keyOf(page))
        this.#environment.put(this.#keyOf(rootKey), root)
      })
    } catch (error) {
      throw await this.#failure(error)
    }
    if (found === 'taken') throw errors.DataDirectoryTaken(this.#database)
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
  async #failure(error: unknown): Promise<Error> {
    const cause = await causeOf(error)
    const code = codeOf(cause)
    return code === noSpace || code === 'ENOSPC' || code === quotaExceeded
      ? errors.DiskFull(this.#database)
      : errors.StorageFailed(this.#database, reason(cause))
  }
}

/** errno ENOSPC and EDQUOT. */
const noSpace = 28
const quotaExceeded = 122

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
