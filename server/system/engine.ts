/** The engine under the server store: sealed pages in LMDB, or in memory where no folder is given. */

import type { SecretKey } from '#server/keys/key.ts'
import type { LockedMemory } from '#server/seal/locked.ts'
import { encryptingSealer } from '#server/seal/page.ts'
import { openEngine } from '#server/storage/engine.ts'
import type { Position, Reader } from '#server/storage/engine.types.ts'
import { inspectPages } from '#server/storage/page-store/inspect.ts'
import { openLmdbPageStore } from '#server/storage/page-store/lmdb.ts'
import { memoryPageStore } from '#server/storage/page-store/memory.ts'
import type { PageStore } from '#server/storage/page-store/page-store.ts'
import type { Clock } from '#shared/clock.ts'
import type { SystemEngine } from './system.ts'
import { applySystemWriteSet } from './write-set.ts'

export interface SystemEngineOptions {
  /** Left out: `RunInMemory`. */
  readonly folder?: string
  readonly storeId: string
  /** One for each epoch; the engine takes them over. */
  readonly keys: readonly { readonly epoch: number; readonly key: SecretKey }[]
  readonly memory: LockedMemory
  readonly clock: Clock
  /** Looks at the stored state before anything is written, see `EngineOptions.admit`. */
  readonly admit?: (state: Reader & Position) => number
}

/** How the server store is called where errors speak of a database. */
export const systemDatabaseName = 'System'

/** Opens or makes it. Rejects as `openEngine` does. */
export async function openSystemEngine(options: SystemEngineOptions): Promise<SystemEngine> {
  const { folder, storeId, keys, memory, clock, admit } = options
  const database = systemDatabaseName
  const databaseId = Buffer.from(storeId, 'base64')
  const sealer = encryptingSealer({ memory, keys, databaseId, database })
  const store = await systemPages(folder).catch((error: unknown) => {
    sealer.close()
    throw error
  })
  return openEngine({
    ...{ store, sealer, apply: applySystemWriteSet, clock },
    ...(admit === undefined ? {} : { admit }),
  })
}

async function systemPages(folder: string | undefined): Promise<PageStore> {
  const database = systemDatabaseName
  if (folder === undefined) return memoryPageStore({ database })
  await inspectPages({ folder, database })
  return openLmdbPageStore({ folder, database })
}
