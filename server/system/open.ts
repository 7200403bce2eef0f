/**
 * Opens the server store, and makes it at first start.
 *
 * First start in steps, each of which the next start finds and goes on from: master key; key file, state `creating`; the
 * engine's own files; the store's id inside the store; key file, state `ready`. Nothing that was there and is gone is made anew:
 * a store without its key file, a key file without its store and a lost master key are coded errors, and nothing is written.
 */
import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Type } from 'typebox'
import { keyErrors } from '#server/keys/errors.ts'
import { makeKey, type SecretKey, takeKey } from '#server/keys/key.ts'
import { loadMasterKeys, type MasterKeySource, type MasterKeys } from '#server/keys/master.ts'
import { KeyRing, type KeySubject } from '#server/keys/ring.ts'
import type { LockedMemory } from '#server/seal/locked.ts'
import type { Clock } from '#shared/clock.ts'
import { isFileError, privateFolder, removeLeftovers } from '#shared/files.ts'
import { randomId } from '#shared/random.ts'
import { openSystemEngine } from './engine.ts'
import { systemErrors } from './errors.ts'
import { readStoreKey, type StoreKeyFile, writeStoreKey } from './store-key.ts'
import { systemStore } from './system.ts'
import type { SystemStore } from './system.types.ts'
import { defineSystemTable } from './table.ts'

export interface ServerStoreOptions {
  /** Folder of the store's files, e.g. `<DataDir>/data/system`. */
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
  /** Ids of the master keys that were loaded, the active one first; none in memory. */
  readonly masterKeyIds: readonly string[]
  /** Wraps the keys of databases; wiped by `close`. */
  readonly ring: KeyRing
  close(): Promise<void>
}

/** Name of the file with the wrapped key inside the folder. */
const keyFileName = 'store.key'

const meta = defineSystemTable('meta', Type.Object({ id: Type.String() }))
const metaKey = 'store'

/** @throws the errors of `loadMasterKeys`, MasterKeyWrong, WrappedKeyDamaged, ServerStore…, and the engine's own */
export async function openServerStore(options: ServerStoreOptions): Promise<ServerStore> {
  const { folder, memory, masterKey } = options
  const file = join(folder, keyFileName)
  const found = await readStoreKey(file)
  const hasData = await holdsData(folder)
  if (found === undefined && hasData) throw systemErrors.ServerStoreKeyMissing(file)
  if (found?.state === 'ready' && !hasData) throw systemErrors.ServerStoreMissing(folder)
  using masterKeys = await loadMasterKeys(masterKey, { memory, storeExists: found !== undefined })
  if (found !== undefined) return openWithKey(options, found, masterKeys)
  options.onStep?.('master key')
  const made = makeKeyFile(memory, masterKeys)
  await privateFolder(folder)
  await writeStoreKey(file, made)
  options.onStep?.('key file')
  return openWithKey(options, made, masterKeys)
}

/** A store that is gone when the process ends: `RunInMemory`. */
export async function openMemoryServerStore({
  memory,
  clock,
}: Pick<ServerStoreOptions, 'memory' | 'clock'>): Promise<ServerStore> {
  const storeId = randomId()
  const keys = [{ epoch: 1, key: makeKey(memory) }]
  const engine = await openSystemEngine({ storeId, keys, memory, clock })
  const system = systemStore(storeId, engine)
  return storeOf(system, { memory, key: makeKey(memory), masterKeyIds: [] })
}

async function openWithKey(
  options: ServerStoreOptions,
  content: StoreKeyFile,
  masterKeys: MasterKeys,
): Promise<ServerStore> {
  const { folder, memory, clock } = options
  const { storeId } = content
  const keys = unwrapStoreKeys({ content, masterKeys, memory })
  // The engine wipes its keys when it closes: what wraps the keys of databases is a copy of the newest.
  const newest = keys.at(-1)
  assert(newest !== undefined, 'a key file has a key')
  const key = takeKey(memory, Buffer.from(newest.key.bytes))
  try {
    await removeLeftovers(join(folder, keyFileName))
    const engine = await openSystemEngine({ folder, storeId, keys, memory, clock })
    const system = systemStore(storeId, engine)
    await finishFirstStart(options, content, system).catch(async (error: unknown) => {
      await system.close()
      throw error
    })
    return storeOf(system, { memory, key, masterKeyIds: masterKeys.ids })
  } catch (error) {
    key.release()
    throw error
  }
}

function unwrapStoreKeys(from: {
  readonly content: StoreKeyFile
  readonly masterKeys: MasterKeys
  readonly memory: LockedMemory
}): { readonly epoch: number; readonly key: SecretKey }[] {
  const { content, masterKeys, memory } = from
  return content.keys.map((wrapped) => {
    const { epoch, wrappedBy } = wrapped
    const master = masterKeys.find(wrappedBy)
    if (master === undefined) {
      throw keyErrors.MasterKeyWrong(masterKeys.origin, wrappedBy, masterKeys.ids)
    }
    using ring = new KeyRing(memory, master)
    return { epoch, key: ring.unwrap(wrapped, subjectOf(content.storeId, epoch)) }
  })
}

function makeKeyFile(memory: LockedMemory, masterKeys: MasterKeys): StoreKeyFile {
  const storeId = randomId()
  const key = makeKey(memory)
  using ring = new KeyRing(memory, masterKeys.active)
  const wrapped = ring.wrap(key, subjectOf(storeId, 1))
  key.release()
  return { format: 1, storeId, state: 'creating', keys: [wrapped] }
}

function subjectOf(storeId: string, epoch: number): KeySubject {
  return { purpose: 'server store', owner: storeId, epoch }
}

async function finishFirstStart(
  { folder, onStep }: ServerStoreOptions,
  content: StoreKeyFile,
  system: SystemStore,
): Promise<void> {
  const file = join(folder, keyFileName)
  const { storeId, state } = content
  const stored = system.get(meta, metaKey)?.record.id
  if (stored !== undefined && stored !== storeId) {
    throw systemErrors.ServerStoreForeign(file, storeId, stored)
  }
  if (state === 'ready') {
    if (stored === undefined) throw systemErrors.ServerStoreMissing(folder)
    return
  }
  onStep?.('engine')
  if (stored === undefined) {
    await system.write([{ table: meta, key: metaKey, record: { id: storeId }, version: 0 }])
  }
  onStep?.('store id')
  await writeStoreKey(file, { ...content, state: 'ready' })
  onStep?.('ready')
}

interface StoreKeys extends Pick<ServerStore, 'masterKeyIds'> {
  readonly memory: LockedMemory
  /** Wraps the keys of databases. */
  readonly key: SecretKey
}

function storeOf(system: SystemStore, { memory, key, masterKeyIds }: StoreKeys): ServerStore {
  const ring = new KeyRing(memory, key)
  const close = async (): Promise<void> => {
    await system.close()
    ring[Symbol.dispose]()
    key.release()
  }
  return { system, masterKeyIds, ring, close }
}

/** Whether the folder holds anything but the key file and what a crash left of one. */
async function holdsData(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isFileError(error, 'ENOENT')) return []
    throw error
  })
  return names.some((name) => !name.startsWith(keyFileName))
}
