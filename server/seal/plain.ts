/**
 * The sealer of databases with `Encrypted: false`: the same slots, tags and checks, and nothing secret.
 *
 * The tag is BLAKE2b over place and content, so that damage and pages put back from earlier are found as in an encrypted
 * database. Who can write the file can compute tags: this protects against accidents, not against people.
 */
import assert from 'node:assert/strict'
import { errors } from '#server/errors.ts'
import { plainPageBytes, sealedPageBytes } from '#server/limits.ts'
import { Associated } from './associated.ts'
import { partsOf } from './record.ts'
import type { Expected, Place, Purpose, Sealer } from './sealer.ts'
import { nonceBytes, tagBytes } from './sizes.ts'
import { hash } from './sodium.ts'

export interface PlainOptions {
  /** 16 bytes. */
  readonly databaseId: Buffer
  /** Name, for texts of errors. */
  readonly database: string
}

/** A sealer that only adds checksums. */
export function plainSealer(options: PlainOptions): Sealer {
  return new PlainSealer(options)
}

class PlainSealer implements Sealer {
  readonly database: string
  readonly epoch = 0
  readonly #databaseId: Buffer
  readonly #associated: Associated
  readonly #tag = Buffer.alloc(tagBytes)

  constructor({ databaseId, database }: PlainOptions) {
    this.database = database
    this.#databaseId = databaseId
    this.#associated = new Associated(databaseId)
  }

  sealPage(place: Place, plain: Buffer, slot: Buffer): string {
    assert.equal(plain.length, plainPageBytes)
    assert.equal(slot.length, sealedPageBytes)
    const { nonce, body, tag } = partsOf(slot)
    nonce.fill(0)
    plain.copy(body)
    hash(tag, [this.#associated.of(place), nonce, body])
    return tag.toString('latin1')
  }

  openPage(place: Place & Expected, slot: Buffer, plain: Buffer): void {
    assert.equal(place.tag?.length, tagBytes, 'a page opens only against the tag its parent holds')
    if (slot.length !== sealedPageBytes || place.epoch !== this.epoch) throw this.#damaged(place)
    const { nonce, body, tag } = partsOf(slot)
    hash(this.#tag, [this.#associated.of(place), nonce, body])
    if (!tag.equals(this.#tag) || tag.toString('latin1') !== place.tag) throw this.#damaged(place)
    body.copy(plain)
  }

  sealRecord(purpose: Purpose, plain: Buffer): Buffer {
    const sealed = Buffer.alloc(nonceBytes + plain.length + tagBytes)
    const { body, tag } = partsOf(sealed)
    plain.copy(body)
    hash(tag, this.#recordParts(purpose, sealed))
    return sealed
  }

  openRecord(purpose: Purpose, sealed: Buffer): Buffer | undefined {
    if (sealed.length < nonceBytes + tagBytes) return undefined
    const { body, tag } = partsOf(sealed)
    hash(this.#tag, this.#recordParts(purpose, sealed))
    return tag.equals(this.#tag) ? Buffer.from(body) : undefined
  }

  close(): void {
    // Nothing secret is held.
  }

  #recordParts(purpose: Purpose, sealed: Buffer): readonly Buffer[] {
    const withoutTag = sealed.subarray(0, sealed.length - tagBytes)
    return [Buffer.from([purpose]), this.#databaseId, withoutTag]
  }

  #damaged({ tree, page }: Place): Error {
    return errors.DatabaseDamaged(this.database, `page ${page} of tree ${tree} does not open`)
  }
}
