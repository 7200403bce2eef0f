/** Leaves: keys in order, each with its value. */
import { inlineEntryBytesMax } from '#server/limits.ts'
import type { ByteString } from '../bytes.ts'
import { FreshLarge, largeShape, type StoredLarge } from './large.ts'
import { refBytes } from './ref.ts'

const leafHeadBytes = 2
const entryHeadBytes = 4

/** Identity of one change in progress. */
export class Edit {}

/** A number packs where in the leaf's page a value lies (`start << 13 | length`): most are never looked at, so none is cut out early. */
export type LeafValue = number | Uint8Array | FreshLarge | StoredLarge

/** A leaf: keys in order, each with its value. */
export class Leaf {
  readonly keys: ByteString[]
  readonly values: LeafValue[]
  /** The page that packed values lie in. */
  readonly plain: Buffer | undefined
  readonly edit: Edit | undefined
  /** Encoded size. */
  bytes: number

  constructor(
    content: { keys: ByteString[]; values: LeafValue[]; bytes: number },
    plain?: Buffer,
    edit?: Edit,
  ) {
    this.keys = content.keys
    this.values = content.values
    this.bytes = content.bytes
    this.plain = plain
    this.edit = edit
  }

  copy(edit: Edit): Leaf {
    const content = { keys: this.keys.slice(), values: this.values.slice(), bytes: this.bytes }
    return new Leaf(content, this.plain, edit)
  }
}

/** Size of one entry of a leaf once encoded. */
export function entryBytes(key: ByteString, value: LeafValue): number {
  return entryHeadBytes + key.length + valueBytes(value)
}

/** Size of a leaf without entries. */
export const emptyLeafBytes = leafHeadBytes

/** Size of a value inside its leaf. */
export function valueBytes(value: LeafValue): number {
  if (typeof value === 'number') return value & 0x1fff
  if (value instanceof Uint8Array) return value.length
  const refs = value instanceof FreshLarge ? largeShape(value.bytes.length).refs : value.refs.length
  return 8 + refs * refBytes
}

/** What a leaf keeps for a value: itself where the entry is small, else a large value. */
export function leafValue(key: ByteString, bytes: Uint8Array): LeafValue {
  return entryHeadBytes + key.length + bytes.length <= inlineEntryBytesMax
    ? bytes
    : new FreshLarge(bytes)
}

/** First position whose key is not below `key`. */
export function lowerBound(keys: readonly ByteString[], key: ByteString): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((keys[middle] as ByteString) < key) low = middle + 1
    else high = middle
  }
  return low
}
