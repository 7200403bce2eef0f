/** The bytes that tie a sealed page to its place. */
import assert from 'node:assert/strict'
import type { Place } from './sealer.ts'
import { databaseIdBytes } from './sizes.ts'

/** Version of everything that is sealed; another one does not open here. */
const formatVersion = 1

/** Writes `format 1 | kind 1 | database 16 | tree 2 | page 8` into one Buffer that is used again and again. */
export class Associated {
  readonly #bytes = Buffer.alloc(28)

  constructor(databaseId: Buffer) {
    assert.equal(databaseId.length, databaseIdBytes)
    this.#bytes[0] = formatVersion
    databaseId.copy(this.#bytes, 2)
  }

  /** Valid until the next call. */
  of({ kind, tree, page }: Place): Buffer {
    this.#bytes[1] = kind
    this.#bytes.writeUInt16BE(tree, 18)
    this.#bytes.writeUInt32BE(Math.floor(page / 0x1_0000_0000), 20)
    this.#bytes.writeUInt32BE(page % 0x1_0000_0000, 24)
    return this.#bytes
  }
}
