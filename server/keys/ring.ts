/**
 * Wrapping of keys: a key sealed by another one, bound to what it is for.
 *
 * The master key wraps the server store key, that one wraps the key of each database. The associated data names purpose, owner,
 * epoch and both key ids, so a wrapped key that is moved to another record does not open.
 */
import { type Static, Type } from 'typebox'
import type { LockedMemory } from '#server/seal/locked.ts'
import { openRecordSealer, type RecordPlace, type RecordSealer } from '#server/seal/record.ts'
import { Purpose } from '#server/seal/sealer.ts'
import { keyErrors } from './errors.ts'
import { type SecretKey, takeKey } from './key.ts'

/** A wrapped key as records keep it. */
export const wrappedKey = Type.Object({
  /** Id of the key inside. */
  id: Type.String(),
  /** Generation of the owner's key, from 1; a rotation adds the next. */
  epoch: Type.Integer({ minimum: 1 }),
  /** Id of the key that opens it. */
  wrappedBy: Type.String(),
  /** Nonce, ciphertext and tag in base64. */
  sealed: Type.String(),
})
export type WrappedKey = Static<typeof wrappedKey>

/** What a key is for. `owner`: store id, database id, or the folded name of a database that is still to be made. */
export interface KeySubject {
  readonly purpose: 'server store' | 'database' | 'pending database'
  readonly owner: string
  readonly epoch: number
}

/** Wraps and unwraps with one key, which stays with its owner. Disposing wipes what was derived from it. */
export class KeyRing implements Disposable {
  readonly #memory: LockedMemory
  readonly #by: SecretKey
  readonly #sealer: RecordSealer

  constructor(memory: LockedMemory, by: SecretKey) {
    this.#memory = memory
    this.#by = by
    this.#sealer = openRecordSealer({ memory, key: by.bytes })
  }

  /** Id of the key that wraps. */
  get id(): string {
    return this.#by.id
  }

  /** The key itself stays with the caller. */
  wrap(key: SecretKey, subject: KeySubject): WrappedKey {
    const place = placeOf(subject, key.id, this.#by.id)
    const sealed = this.#sealer.seal(place, key.bytes).toString('base64')
    return { id: key.id, epoch: subject.epoch, wrappedBy: this.#by.id, sealed }
  }

  /** The caller releases the key. @throws WrappedKeyDamaged where it is not what was wrapped, for this subject and by this key. */
  unwrap(wrapped: WrappedKey, subject: KeySubject): SecretKey {
    const place = placeOf(subject, wrapped.id, this.#by.id)
    const bytes = this.#sealer.open(place, Buffer.from(wrapped.sealed, 'base64'))
    if (bytes === undefined)
      throw keyErrors.WrappedKeyDamaged(`${subject.purpose} ${subject.owner}`)
    return takeKey(this.#memory, bytes)
  }

  [Symbol.dispose](): void {
    this.#sealer.close()
  }
}

function placeOf(subject: KeySubject, id: string, wrappedBy: string): RecordPlace {
  const parts = ['strongroom key 1', subject.purpose, subject.owner, subject.epoch, id, wrappedBy]
  // An array in JSON: no choice of names makes the same text out of other parts.
  return { purpose: Purpose.WrappedKey, context: Buffer.from(JSON.stringify(parts)) }
}
