/** The files of databases: one folder each, named by the database's id, so that a listing of the disk gives no name away. */
import { existsSync, statSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { KeyRing } from '#server/keys/ring.ts'
import type { LockedMemory } from '#server/seal/locked.ts'
import { encryptingSealer } from '#server/seal/page.ts'
import { plainSealer } from '#server/seal/plain.ts'
import type { Sealer } from '#server/seal/sealer.ts'
import type { PageCache } from '#server/storage/cache/page-cache.ts'
import { openEngine } from '#server/storage/engine.ts'
import type { Engine, Position } from '#server/storage/engine.types.ts'
import type { CachedPage } from '#server/storage/page-reader.ts'
import { demandFolder, demandOwnFiles, pagesFile } from '#server/storage/page-store/files.ts'
import { inspectPages } from '#server/storage/page-store/inspect.ts'
import { openLmdbPageStore } from '#server/storage/page-store/lmdb.ts'
import { MemoryDisk, memoryPageStore } from '#server/storage/page-store/memory.ts'
import type { PageStore } from '#server/storage/page-store/page-store.ts'
import { type DatabaseRecord, databaseFolderName, publicId } from '#server/system/databases.ts'
import { systemErrors } from '#server/system/errors.ts'
import type { Clock } from '#shared/clock.ts'
import type { CodedError } from '#shared/errors.ts'
import { privateFolder, syncFolder } from '#shared/files.ts'
import { documentApply } from './apply.ts'
import type { Outcome, WriteSet } from './write-set.ts'

export type DatabaseEngine = Engine<WriteSet, readonly Outcome[]>

export interface DatabaseFilesParts {
  /** Folder of the folders, e.g. `<DataDir>/data/databases`; undefined keeps everything in memory. */
  readonly folder: string | undefined
  readonly ring: KeyRing
  readonly memory: LockedMemory
  /** The newest commit of the server store that counts, see `SystemStore.witnessCommit`. */
  readonly storeCommit: () => number
  /** Shared by all databases. */
  readonly cache: PageCache<CachedPage>
  readonly clock: Clock
}

export class DatabaseFiles {
  readonly #parts: DatabaseFilesParts
  /** What stands for folders where everything is in memory: outlives an engine, as a folder does. */
  readonly #disks = new Map<string, MemoryDisk>()

  constructor(parts: DatabaseFilesParts) {
    this.#parts = parts
  }

  /**
   * Opens the engine of a database; makes its files only while it is being created.
   *
   * @throws DatabaseFilesMissing, WrappedKeyDamaged, DatabaseDamaged, DatabaseRolledBack, DataFileForeign, and what the disk answers
   */
  async open(
    record: DatabaseRecord,
    {
      anchor,
      damaged,
    }: {
      readonly anchor: Position | undefined
      readonly damaged: (error: CodedError) => void
    },
  ): Promise<DatabaseEngine> {
    const { cache, clock, storeCommit } = this.#parts
    const sealer = this.#sealer(record)
    const store = await this.#store(record).catch((error: unknown) => {
      sealer.close()
      throw error
    })
    const apply = documentApply(publicId(record))
    return openEngine({ ...{ store, sealer, apply, clock, anchor, cache }, storeCommit, damaged })
  }

  /** Removes the files; harmless where there are none. */
  async remove(id: string): Promise<void> {
    const { folder } = this.#parts
    this.#disks.delete(id)
    if (folder === undefined || !existsSync(folder)) return
    await rm(join(folder, databaseFolderName(id)), { recursive: true, force: true })
    await syncFolder(folder)
  }

  /** Bytes that the files take, of a database that is not open. */
  sizeBytes(id: string): number {
    const { folder } = this.#parts
    if (folder === undefined) return this.#disks.get(id)?.bytes ?? 0
    return sizeOf(join(folder, databaseFolderName(id), pagesFile))
  }

  async #store({ id, name, state }: DatabaseRecord): Promise<PageStore> {
    if (this.#parts.folder === undefined) return this.#memoryStore(id, name)
    const folder = join(this.#parts.folder, databaseFolderName(id))
    const isNew = state === 'creating'
    demandFolder(this.#parts.folder, name)
    demandOwnFiles(folder, name)
    // An empty file would pass for a database that nothing was written to.
    if (!isNew && sizeOf(join(folder, pagesFile)) === 0) {
      throw systemErrors.DatabaseFilesMissing(name, folder)
    }
    if (isNew) await this.#makeRoom(folder)
    await inspectPages({ folder, database: name })
    return openLmdbPageStore({ folder, database: name })
  }

  /** What a creation left that stopped before LMDB had written its first two pages, e.g. on a full disk, is no database yet. */
  async #makeRoom(folder: string): Promise<void> {
    await privateFolder(folder)
    const file = join(folder, pagesFile)
    if (sizeOf(file) < firstPagesBytes) await rm(file, { force: true })
  }

  #memoryStore(id: string, database: string): PageStore {
    const disk = this.#disks.get(id) ?? new MemoryDisk()
    this.#disks.set(id, disk)
    return memoryPageStore({ database }, disk)
  }

  #sealer({ id, name, encrypted, keys }: DatabaseRecord): Sealer {
    const { memory, ring } = this.#parts
    const shared = { databaseId: Buffer.from(id, 'base64'), database: name }
    if (!encrypted) return plainSealer(shared)
    const unwrapped = keys.map((wrapped) => {
      const { epoch } = wrapped
      return { epoch, key: ring.unwrap(wrapped, { purpose: 'database', owner: id, epoch }) }
    })
    return encryptingSealer({ ...shared, memory, keys: unwrapped })
  }
}

/** LMDB's two meta pages. */
const firstPagesBytes = 2 * 8192

/** 0 for a file that is not there. */
function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}
