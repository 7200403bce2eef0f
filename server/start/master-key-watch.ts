/**
 * Follows the configured place of the master key while the server runs: a new active key wraps the store's key at once, without a
 * restart, and the log says when the old one may go.
 */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { loadMasterKeys, type MasterKeySource } from '#server/keys/master.ts'
import { masterKeyCheckMs } from '#server/limits.ts'
import type { Logger } from '#server/log.ts'
import type { LockedMemory } from '#server/seal/locked.ts'
import type { ServerStore } from '#server/system/open.ts'
import { contentFolder } from '#shared/files.ts'

export interface MasterKeyWatchParts {
  readonly source: MasterKeySource
  readonly store: Pick<ServerStore, 'rewrap' | 'masterKeys'>
  readonly memory: LockedMemory
  readonly logger: Logger
}

export class MasterKeyWatch implements AsyncDisposable {
  readonly #parts: MasterKeyWatchParts
  readonly #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> = Promise.resolve()
  #isLooking = false
  /** What the place looked like when it was read last. */
  #seen: string | undefined

  /** Only a place that the settings name is followed: the key in our own folder is ours, and a program is asked at start. */
  constructor(parts: MasterKeyWatchParts) {
    this.#parts = parts
    if (parts.source.kind === 'path')
      this.#timer = setInterval(() => void this.look(), masterKeyCheckMs).unref()
  }

  /** Looks now; one look at a time. */
  look(): Promise<void> {
    if (this.#isLooking) return this.#looking
    this.#isLooking = true
    this.#looking = this.#look().finally(() => {
      this.#isLooking = false
    })
    return this.#looking
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await this.#looking
  }

  async #look(): Promise<void> {
    const { source, logger } = this.#parts
    if (source.kind !== 'path') return
    const now = await appearanceOf(source.path)
    if (now === this.#seen) return
    this.#seen = now
    // What failed is said once; whoever changes the place again is heard again.
    await this.#take(source).catch((error: unknown) =>
      logger.error({ error }, 'Keeps the master key as it was: what is there now cannot be used'),
    )
  }

  async #take(source: MasterKeySource): Promise<void> {
    const { store, memory, logger } = this.#parts
    using masterKeys = await loadMasterKeys(source, { memory, storeExists: true })
    if (await store.rewrap(masterKeys)) noteRewrapped(logger, store)
  }
}

/** Says which master key is needed now, and which may be removed. */
export function noteRewrapped(
  logger: Logger,
  { masterKeys }: Pick<ServerStore, 'masterKeys'>,
): void {
  const { needed, removable } = masterKeys
  logger.info(
    { needed, removable },
    'The key of the server store is wrapped by another master key now; those that are removable may be removed',
  )
}

/** Changes when a file in the place does: names, times and lengths, and which one is active. */
async function appearanceOf(path: string): Promise<string> {
  const folder = await contentFolder(path)
  const names = await readdir(folder).catch(() => [])
  const files = await Promise.all(names.sort().map((name) => fileIn(folder, name)))
  return [folder, await fileIn(folder, ''), ...files].join('\n')
}

async function fileIn(folder: string, name: string): Promise<string> {
  const path = join(folder, name)
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) return `${name} -`
  const active = name === 'active-id' ? await readFile(path, 'utf8').catch(() => '') : ''
  return `${name} ${found.ino} ${found.size} ${found.mtimeMs} ${active.slice(0, 200)}`
}
