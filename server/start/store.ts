/** Locked memory and the server store, as the settings say. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '#server/config.ts'
import { errors } from '#server/errors.ts'
import type { MasterKeySource } from '#server/keys/master.ts'
import type { LockedMemory } from '#server/seal/locked.ts'
import {
  openMemoryServerStore,
  type PreparedStore,
  prepareServerStore,
} from '#server/system/open.ts'
import type { Clock } from '#shared/clock.ts'
import { splitArguments } from '#shared/program.ts'
import type { Folders } from './first-start.ts'

/** Where the master key is. */
export function masterKeySource(config: Config, keys: string): MasterKeySource {
  const path = config['Security.MasterKey.Path']
  const file = config['Security.MasterKey.Exec']
  if (path !== undefined) return { kind: 'path', path }
  if (file === undefined) return { kind: 'own', path: join(keys, 'master.key') }
  const words = splitArguments(config['Security.MasterKey.Exec.Arguments'] ?? '')
  const timeoutMs = config['Security.MasterKey.Exec.TimeoutInSec'] * 1000
  return { kind: 'program', program: { file, arguments: words, timeoutMs } }
}

export interface StoreParts {
  readonly config: Config
  readonly folders: Folders
  readonly memory: LockedMemory
  readonly clock: Clock
}

/** Looks at the server store, and writes nothing before it is opened. Throws its errors and those of the master key, and `MemoryOverData`. */
export async function prepareStore({
  config,
  folders,
  memory,
  clock,
}: StoreParts): Promise<PreparedStore> {
  const folder = join(folders.data, 'system')
  if (!config.RunInMemory) {
    const masterKey = masterKeySource(config, folders.keys)
    return prepareServerStore({ folder, masterKey, memory, clock })
  }
  // A server in memory writes certificates of its own over those that lie there.
  if (await exists(folder)) throw errors.MemoryOverData(config.DataDir)
  return {
    open: () => openMemoryServerStore({ memory, clock }),
    [Symbol.dispose]: () => undefined,
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
