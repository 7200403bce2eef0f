/**
 * Opens the server store, and makes it at first start.
 *
 * First start in steps, each of which the next start finds and goes on from: master key; key file, state `creating`; the
 * engine's own files; the store's id inside the store; key file, state `ready`. Nothing that was there and is gone is made anew:
 * a store without its key file, a key file without its store and a lost master key are coded errors, and nothing is written.
 */
import { lstatSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeKey, type SecretKey } from '#server/keys/key.ts'
import { loadMasterKeys, type MasterKeySource, type MasterKeys } from '#server/keys/master.ts'
import { KeyRing } from '#server/keys/ring.ts'
import type { LockedMemory } from '#server/seal/locked.ts'
import { demandFile, demandFolder, pagesFile } from '#server/storage/page-store/files.ts'
import { inspectPages } from '#server/storage/page-store/inspect.ts'
import type { Clock } from '#shared/clock.ts'
import { privateFolder } from '#shared/files.ts'
import { randomId } from '#shared/random.ts'
import { openSystemEngine, systemDatabaseName } from './engine.ts'
import { systemErrors } from './errors.ts'
import {
  type AcceptedStore,
  demandNewest,
  forgetAcceptance,
  holdsDatabases,
  type StoreAgeParts,
} from './store-age.ts'
import { readStoreKey, type StoreKeyFile, writeStoreKey } from './store-key.ts'
import { type MasterKeyUse, StoreKeys, subjectOf } from './store-keys.ts'
import { noteStrangers, storedId, strangersKnown, writeStoreId } from './store-meta.ts'
import { systemStore } from './system.ts'
import type { SystemStore } from './system.types.ts'

export interface ServerStoreOptions {
  /** Folder of the store's files, e.g. `<DataDir>/data/system`; those of databases are in `databases` beside it. */
  readonly folder: string
  readonly masterKey: MasterKeySource
  readonly memory: LockedMemory
  readonly clock: Clock
  /** Called after each step of a first start; tests stop the process there. */
  readonly onStep?: (step: FirstStartStep) => void
}

export type FirstStartStep = 'master key' | 'key file' | 'engine' | 'store id' | 'ready'

export interface ServerStore {
  readonly system: SystemStore
  /** Which master keys were loaded, which is needed, and which may go. */
  readonly masterKeys: MasterKeyUse
  /** Wraps the keys of databases; wiped by `close`. */
  readonly ring: KeyRing
  /** An older copy of the store, accepted on the machine, that this start took. */
  readonly accepted: AcceptedStore | undefined
  /** Wraps the store's key by the active one of these, which stay with the caller; false where it is already. @throws MasterKeyWrong */
  rewrap(masterKeys: MasterKeys): Promise<boolean>
  close(): Promise<void>
}

/** A store that passed all checks that can be made without writing. Disposing wipes its keys, unless it was opened. */
export interface PreparedStore extends Disposable {
  /**
   * Makes what a first start makes, takes ownership, and wraps the store's key by the active master key.
   *
   * @throws StoreRolledBack, ServerStoreForeign, and what the engine throws
   */
  open(): Promise<ServerStore>
}

/** Name of the file with the wrapped key inside the folder. */
const keyFileName = 'store.key'
/** Name of the file by which an older store is accepted, beside the folder. */
const acceptanceName = 'accept-older-store'

/** Prepares and opens. */
export async function openServerStore(options: ServerStoreOptions): Promise<ServerStore> {
  using prepared = await prepareServerStore(options)
  return await prepared.open()
}

/**
 * Looks at everything and writes nothing.
 *
 * @throws the errors of `loadMasterKeys`, MasterKeyWrong, WrappedKeyDamaged, ServerStore…, StoreMissing, DataFileForeign, DatabaseDamaged
 */
export async function prepareServerStore(options: ServerStoreOptions): Promise<PreparedStore> {
  const { folder, memory, masterKey } = options
  const [file, databases] = [join(folder, keyFileName), databasesBeside(folder)]
  const database = systemDatabaseName
  for (const path of [dirname(folder), folder, databases]) demandFolder(path, database)
  demandFile(file, database)
  const found = await readStoreKey(file)
  const hasData = sizeOf(join(folder, pagesFile)) > 0
  if (found === undefined && hasData) throw systemErrors.ServerStoreKeyMissing(file)
  if (found?.state === 'ready' && !hasData) throw systemErrors.ServerStoreMissing(folder)
  if (!hasData && holdsDatabases(databases)) throw systemErrors.StoreMissing(folder, databases)
  if (found === undefined) return firstStart(options)
  using held = new DisposableStack()
  const masterKeys = held.use(await loadMasterKeys(masterKey, { memory, storeExists: true }))
  const keys = held.adopt(new StoreKeys({ file, content: found, memory }, masterKeys), (it) =>
    it.close(),
  )
  if (found.state === 'ready') await inspectPages({ folder, database })
  const owned = held.move()
  return {
    open: async () => {
      const store = await openWithKeys(options, keys, masterKeys)
      // From here on the keys are the store's.
      owned.move()
      masterKeys[Symbol.dispose]()
      return store
    },
    [Symbol.dispose]: () => owned[Symbol.dispose](),
  }
}

/** Nothing is there: a master key that is configured is looked at already, one of our own is made when it is time. */
async function firstStart(options: ServerStoreOptions): Promise<PreparedStore> {
  const { folder, memory, masterKey } = options
  if (masterKey.kind !== 'own')
    (await loadMasterKeys(masterKey, { memory, storeExists: false }))[Symbol.dispose]()
  return {
    open: async () => {
      using masterKeys = await loadMasterKeys(masterKey, { memory, storeExists: false })
      options.onStep?.('master key')
      const content = makeKeyFile(memory, masterKeys)
      const file = join(folder, keyFileName)
      await privateFolder(folder)
      await writeStoreKey(file, content)
      options.onStep?.('key file')
      const keys = new StoreKeys({ file, content, memory }, masterKeys)
      return await openWithKeys(options, keys, masterKeys).catch((error: unknown) => {
        keys.close()
        throw error
      })
    },
    [Symbol.dispose]: () => undefined,
  }
}

/** A store that is gone when the process ends: `RunInMemory`. */
export async function openMemoryServerStore({
  memory,
  clock,
}: Pick<ServerStoreOptions, 'memory' | 'clock'>): Promise<ServerStore> {
  const storeId = randomId()
  const keys = [{ epoch: 1, key: makeKey(memory) }]
  const engine = await openSystemEngine({ storeId, keys, memory, clock })
  return storeOf(systemStore(storeId, engine), {
    ...{ memory, key: makeKey(memory), accepted: undefined },
    masterKeys: () => ({ loaded: [], needed: undefined, removable: [] }),
    rewrap: async () => false,
    wipe: (key) => key.release(),
  })
}

async function openWithKeys(
  options: ServerStoreOptions,
  keys: StoreKeys,
  masterKeys: MasterKeys,
): Promise<ServerStore> {
  const { folder, memory, clock } = options
  const { storeId } = keys
  await keys.tidy()
  if (keys.content.state === 'creating') await clearBeginnings(folder)
  using ring = new KeyRing(memory, keys.newest)
  const age = agePartsOf({ folder, storeId, ring, memory })
  let accepted: AcceptedStore | undefined
  const engine = await openSystemEngine({
    ...{ folder, storeId, keys: keys.copies(), memory, clock },
    admit: (state) => {
      accepted = demandNewest(state, age)
      return accepted === undefined ? 0 : accepted.newest + 1
    },
  })
  const system = systemStore(storeId, engine)
  try {
    await finishFirstStart(options, keys, system)
    if (accepted !== undefined) {
      await noteStrangers(system, accepted.strangers)
      await forgetAcceptance(age.acceptance)
    }
    await keys.rewrap(masterKeys)
  } catch (error) {
    await system.close()
    throw error
  }
  return storeOf(system, {
    ...{ memory, key: keys.newest, accepted },
    masterKeys: () => keys.use,
    rewrap: (loaded) => keys.rewrap(loaded),
    wipe: () => keys.close(),
  })
}

function agePartsOf(
  parts: Pick<StoreAgeParts, 'storeId' | 'ring' | 'memory'> & { readonly folder: string },
): StoreAgeParts {
  const { folder, ...rest } = parts
  return {
    ...rest,
    databases: databasesBeside(folder),
    acceptance: join(dirname(folder), acceptanceName),
    known: strangersKnown,
  }
}

/** What a first start left that stopped before LMDB had written its first two pages, e.g. on a full disk. */
async function clearBeginnings(folder: string): Promise<void> {
  const file = join(folder, pagesFile)
  if (sizeOf(file) < firstPagesBytes) await rm(file, { force: true })
}

const firstPagesBytes = 2 * 8192

function databasesBeside(folder: string): string {
  return join(dirname(folder), 'databases')
}

function sizeOf(file: string): number {
  return lstatSync(file, { throwIfNoEntry: false })?.size ?? 0
}

function makeKeyFile(memory: LockedMemory, masterKeys: MasterKeys): StoreKeyFile {
  const storeId = randomId()
  const key = makeKey(memory)
  using ring = new KeyRing(memory, masterKeys.active)
  const wrapped = ring.wrap(key, subjectOf(storeId, 1))
  key.release()
  return { format: 1, storeId, state: 'creating', keys: [wrapped] }
}

async function finishFirstStart(
  { folder, onStep }: ServerStoreOptions,
  keys: StoreKeys,
  system: SystemStore,
): Promise<void> {
  const file = join(folder, keyFileName)
  const { storeId, state } = keys.content
  const stored = storedId(system)
  if (stored !== undefined && stored !== storeId) {
    throw systemErrors.ServerStoreForeign(file, storeId, stored)
  }
  if (state === 'ready') {
    if (stored === undefined) throw systemErrors.ServerStoreMissing(folder)
    return
  }
  onStep?.('engine')
  if (stored === undefined) await writeStoreId(system)
  onStep?.('store id')
  await keys.markReady()
  onStep?.('ready')
}

interface StoreParts extends Pick<ServerStore, 'accepted' | 'rewrap'> {
  readonly memory: LockedMemory
  /** Wraps the keys of databases. */
  readonly key: SecretKey
  readonly masterKeys: () => MasterKeyUse
  readonly wipe: (key: SecretKey) => void
}

function storeOf(system: SystemStore, parts: StoreParts): ServerStore {
  const { memory, key, accepted, masterKeys, rewrap, wipe } = parts
  const ring = new KeyRing(memory, key)
  return {
    ...{ system, ring, accepted, rewrap },
    get masterKeys() {
      return masterKeys()
    },
    close: async () => {
      await system.close()
      ring[Symbol.dispose]()
      wipe(key)
    },
  }
}
