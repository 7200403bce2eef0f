/**
 * The encrypting sealer: XChaCha20-Poly1305-IETF over 8 KiB pages, one subkey for each tree.
 *
 * The slot's own tag is compared with the one its parent holds before anything is decrypted: an old page that is authentic in
 * itself, put back in its place, does not open.
 */
import assert from 'node:assert/strict'
import { errors } from '#server/errors.ts'
import { plainPageBytes, sealedPageBytes } from '#server/limits.ts'
import { Associated } from './associated.ts'
import type { LockedBytes, LockedMemory } from './locked.ts'
import { openRecordSealer, partsOf, type RecordSealer } from './record.ts'
import type { Expected, Place, Purpose, Sealer } from './sealer.ts'
import { keyBytes, tagBytes } from './sizes.ts'
import { decrypt, deriveKey, encrypt, Nonces } from './sodium.ts'

/** One key of a database; the highest epoch seals, all of them open. */
export interface EpochKey {
  readonly epoch: number
  /** 32 bytes; the sealer owns and releases them. */
  readonly key: LockedBytes
}

export interface EncryptingOptions {
  readonly memory: LockedMemory
  readonly keys: readonly EpochKey[]
  /** 16 bytes. */
  readonly databaseId: Buffer
  /** Name, for texts of errors. */
  readonly database: string
}

/** A sealer that encrypts. It takes the keys over. */
export function encryptingSealer(options: EncryptingOptions): Sealer {
  return new EncryptingSealer(options)
}

const keyContext = 'sr-pages'

class EncryptingSealer implements Sealer {
  readonly database: string
  readonly epoch: number
  readonly #memory: LockedMemory
  readonly #databaseId: Buffer
  readonly #keys: ReadonlyMap<number, LockedBytes>
  readonly #records: readonly RecordSealer[]
  readonly #subkeys = new Map<number, LockedBytes>()
  readonly #associated: Associated
  readonly #nonces = new Nonces()
  readonly #tag = Buffer.alloc(tagBytes)

  constructor({ memory, keys, databaseId, database }: EncryptingOptions) {
    const newestFirst = [...keys].sort((a, b) => b.epoch - a.epoch)
    const [newest] = newestFirst
    assert(newest !== undefined, 'a sealer has a key')
    for (const { key } of keys) assert.equal(key.bytes.length, keyBytes)
    this.database = database
    this.epoch = newest.epoch
    this.#memory = memory
    this.#databaseId = databaseId
    this.#keys = new Map(keys.map(({ epoch, key }) => [epoch, key]))
    this.#records = newestFirst.map(({ key }) => openRecordSealer({ memory, key: key.bytes }))
    this.#associated = new Associated(databaseId)
  }

  sealPage(place: Place, plain: Buffer, slot: Buffer): string {
    assert.equal(plain.length, plainPageBytes)
    assert.equal(slot.length, sealedPageBytes)
    const { nonce, body, tag } = partsOf(slot)
    this.#nonces.writeTo(nonce)
    const key = this.#subkey(place.tree, this.epoch)
    assert(key !== undefined)
    encrypt(
      { key, nonce, associated: this.#associated.of(place) },
      { plain, ciphertext: body, tag },
    )
    return tag.toString('latin1')
  }

  openPage(place: Place & Expected, slot: Buffer, plain: Buffer): void {
    assert.equal(place.tag?.length, tagBytes, 'a page opens only against the tag its parent holds')
    const key = this.#subkey(place.tree, place.epoch)
    if (key === undefined || slot.length !== sealedPageBytes) throw this.#damaged(place)
    const { nonce, body, tag } = partsOf(slot)
    this.#tag.write(place.tag, 'latin1')
    if (!tag.equals(this.#tag)) throw this.#damaged(place)
    const message = { key, nonce, associated: this.#associated.of(place) }
    if (!decrypt(message, { plain, ciphertext: body, tag })) throw this.#damaged(place)
  }

  sealRecord(purpose: Purpose, plain: Buffer): Buffer {
    const [newest] = this.#records
    assert(newest !== undefined)
    return newest.seal({ purpose, context: this.#databaseId }, plain)
  }

  openRecord(purpose: Purpose, sealed: Buffer): Buffer | undefined {
    for (const records of this.#records) {
      const plain = records.open({ purpose, context: this.#databaseId }, sealed)
      if (plain !== undefined) return plain
    }
    return undefined
  }

  close(): void {
    for (const records of this.#records) records.close()
    for (const subkey of this.#subkeys.values()) subkey.release()
    for (const key of this.#keys.values()) key.release()
    this.#subkeys.clear()
  }

  #subkey(tree: number, epoch: number): Buffer | undefined {
    const id = epoch * 0x1_0000 + tree
    const known = this.#subkeys.get(id)
    if (known !== undefined) return known.bytes
    const key = this.#keys.get(epoch)
    if (key === undefined) return undefined
    const subkey = this.#memory.allocate(keyBytes)
    deriveKey(subkey.bytes, { key: key.bytes, id: tree, context: keyContext })
    this.#subkeys.set(id, subkey)
    return subkey.bytes
  }

  #damaged({ tree, page }: Place): Error {
    return errors.DatabaseDamaged(this.database, `page ${page} of tree ${tree} does not open`)
  }
}
