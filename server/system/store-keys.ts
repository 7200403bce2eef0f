/**
 * The keys of the server store while it is open: how they are wrapped, and how that changes when the master key does.
 *
 * A rotation of the master key changes nothing but the key file: the same keys, sealed by the active master key. The file is replaced
 * as a whole, so whenever the process stops, the one or the other master key opens it; and only after the new file is durable is the
 * old key said to be removable.
 */
import assert from 'node:assert/strict'
import { keyErrors } from '#server/keys/errors.ts'
import { type SecretKey, takeKey } from '#server/keys/key.ts'
import type { MasterKeys } from '#server/keys/master.ts'
import { KeyRing, type KeySubject } from '#server/keys/ring.ts'
import type { LockedMemory } from '#server/seal/locked.ts'
import { removeLeftovers } from '#shared/files.ts'
import { type StoreKeyFile, writeStoreKey } from './store-key.ts'

interface EpochKey {
  readonly epoch: number
  readonly key: SecretKey
}

/** What an administrator may know about the master keys, all by id. */
export interface MasterKeyUse {
  /** Those that were loaded last, the active one first; none in memory. */
  readonly loaded: readonly string[]
  /** The one that wraps the store key, and without which no start succeeds. */
  readonly needed: string | undefined
  /** Loaded, and needed no more. */
  readonly removable: readonly string[]
}

export interface StoreKeysParts {
  /** Path of the key file; nothing for a store in memory. */
  readonly file: string | undefined
  readonly content: StoreKeyFile
  readonly memory: LockedMemory
}

export class StoreKeys {
  readonly #file: string | undefined
  readonly #memory: LockedMemory
  readonly #keys: readonly EpochKey[]
  #content: StoreKeyFile
  #loaded: readonly string[]

  /** Unwraps what the file holds. @throws MasterKeyWrong, WrappedKeyDamaged */
  constructor({ file, content, memory }: StoreKeysParts, masterKeys: MasterKeys) {
    this.#file = file
    this.#memory = memory
    this.#content = content
    this.#loaded = masterKeys.ids
    this.#keys = content.keys.map((wrapped) => {
      const { epoch, wrappedBy } = wrapped
      const master = masterKeys.find(wrappedBy)
      if (master === undefined)
        throw keyErrors.MasterKeyWrong(masterKeys.origin, wrappedBy, masterKeys.ids)
      using ring = new KeyRing(memory, master)
      return { epoch, key: ring.unwrap(wrapped, subjectOf(content.storeId, epoch)) }
    })
  }

  get storeId(): string {
    return this.#content.storeId
  }

  get content(): StoreKeyFile {
    return this.#content
  }

  /** The key that wraps those of databases; it stays with us. */
  get newest(): SecretKey {
    const newest = this.#keys.at(-1)
    assert(newest !== undefined, 'a key file has a key')
    return newest.key
  }

  /** All keys once more, for an engine that takes them over. */
  copies(): EpochKey[] {
    return this.#keys.map(({ epoch, key }) => ({
      epoch,
      key: takeKey(this.#memory, Buffer.from(key.bytes)),
    }))
  }

  get use(): MasterKeyUse {
    const wrapping = new Set(this.#content.keys.map(({ wrappedBy }) => wrappedBy))
    const removable = this.#loaded.filter((id) => !wrapping.has(id))
    return { loaded: this.#loaded, needed: this.#content.keys.at(-1)?.wrappedBy, removable }
  }

  /** Removes what a crash left of the file. */
  async tidy(): Promise<void> {
    if (this.#file !== undefined) await removeLeftovers(this.#file)
  }

  /** Says in the file that the store is whole. */
  async markReady(): Promise<void> {
    await this.#write({ ...this.#content, state: 'ready' })
  }

  /**
   * Wraps all keys by the active master key, where another one does; false where there is nothing to do. The key of before must be
   * among those that are loaded: a key that was exchanged by mistake is not taken for a rotation.
   *
   * @throws MasterKeyWrong
   */
  async rewrap(masterKeys: MasterKeys): Promise<boolean> {
    const { active, ids, origin } = masterKeys
    const missing = this.#content.keys.find(
      ({ wrappedBy }) => masterKeys.find(wrappedBy) === undefined,
    )
    if (missing !== undefined) throw keyErrors.MasterKeyWrong(origin, missing.wrappedBy, ids)
    this.#loaded = ids
    if (this.#content.keys.every(({ wrappedBy }) => wrappedBy === active.id)) return false
    using ring = new KeyRing(this.#memory, active)
    const { storeId } = this.#content
    const keys = this.#keys.map(({ epoch, key }) => ring.wrap(key, subjectOf(storeId, epoch)))
    await this.#write({ ...this.#content, keys })
    return true
  }

  close(): void {
    for (const { key } of this.#keys) key.release()
  }

  async #write(content: StoreKeyFile): Promise<void> {
    if (this.#file !== undefined) await writeStoreKey(this.#file, content)
    this.#content = content
  }
}

/** What a key of the server store is wrapped for. */
export function subjectOf(storeId: string, epoch: number): KeySubject {
  return { purpose: 'server store', owner: storeId, epoch }
}
