/**
 * Nodes as plain pages (`plainPageBytes`), in columns, so that one read of a string decodes all keys. Numbers are big-endian.
 *
 *     leaf    count 2 | key lengths 2n | value lengths 2n | keys | values      (high bit of a value length: a large value)
 *     inner   count 2 | separator lengths 2(n-1) | pages 8n | epochs 2n | tags 16n | separators
 *     large   length 6 | depth 1 | count 1 | n × (page 8 | epoch 2 | tag 16)   (as a value inside a leaf)
 */
import assert from 'node:assert/strict'
import { plainPageBytes } from '#server/limits.ts'
import { Inner } from './inner.ts'
import { FreshLarge, StoredLarge } from './large.ts'
import { Leaf, type LeafValue, valueBytes } from './leaf.ts'
import { PageRef, readRef, readUint64, refBytes, writeRef, writeUint64 } from './ref.ts'

const largeFlag = 0x8000
const tagBytes = 16

/** Writes a leaf whose large values are all stored; returns its values as they lie in the page. */
export function encodeLeaf({ keys, values, plain }: Leaf, page: Buffer): LeafValue[] {
  const count = keys.length
  let at = page.writeUInt16BE(count, 0)
  for (const key of keys) at = page.writeUInt16BE(key.length, at)
  for (const value of values) at = page.writeUInt16BE(lengthField(value), at)
  at += page.write(keys.join(''), at, 'latin1')
  const packed = values.map((value) => {
    const start = at
    at = writeValue(value, { page, at, plain })
    return value instanceof StoredLarge ? value : packedAt(start, at - start)
  })
  assert(at <= plainPageBytes, 'a leaf fits its page')
  page.fill(0, at)
  return packed
}

function packedAt(start: number, length: number): number {
  return (start << 13) | length
}

function lengthField(value: LeafValue): number {
  return valueBytes(value) | (value instanceof StoredLarge ? largeFlag : 0)
}

function writeValue(
  value: LeafValue,
  { page, at, plain }: { page: Buffer; at: number; plain: Buffer | undefined },
): number {
  if (typeof value === 'number') {
    assert(plain !== undefined)
    const start = value >>> 13
    return at + plain.copy(page, at, start, start + (value & 0x1fff))
  }
  assert(!(value instanceof FreshLarge), 'large values are stored before their leaf')
  if (value instanceof StoredLarge) return writeLarge(value, page, at)
  page.set(value, at)
  return at + value.length
}

function writeLarge({ length, depth, refs }: StoredLarge, page: Buffer, start: number): number {
  let at = page.writeUIntBE(length, start, 6)
  at = page.writeUInt8(depth, at)
  at = page.writeUInt8(refs.length, at)
  for (const ref of refs) at = writeRef(ref, page, at)
  return at
}

/** The leaf that a page holds; its small values stay in the page. */
export function decodeLeaf(page: Buffer): Leaf {
  const count = page.readUInt16BE(0)
  const keyLengths = 2
  const valueLengths = keyLengths + 2 * count
  const keysStart = valueLengths + 2 * count
  const keys = cut(page, { lengths: keyLengths, count, start: keysStart })
  let start = keysStart
  for (const key of keys) start += key.length
  const values = new Array<LeafValue>(count)
  for (let i = 0; i < count; i += 1) {
    const field = page.readUInt16BE(valueLengths + 2 * i)
    const length = field & 0x1fff
    values[i] = field & largeFlag ? readLarge(page, start) : packedAt(start, length)
    start += length
  }
  assert(start <= plainPageBytes, 'a leaf fits its page')
  return new Leaf({ keys, values, bytes: start }, page)
}

/** The strings that lie joined at `start`, their lengths at `lengths`. */
function cut(
  page: Buffer,
  { lengths, count, start }: { lengths: number; count: number; start: number },
): string[] {
  let end = start
  for (let i = 0; i < count; i += 1) end += page.readUInt16BE(lengths + 2 * i)
  const joined = page.toString('latin1', start, end)
  const strings = new Array<string>(count)
  let from = 0
  for (let i = 0; i < count; i += 1) {
    const to = from + page.readUInt16BE(lengths + 2 * i)
    strings[i] = joined.slice(from, to)
    from = to
  }
  return strings
}

function readLarge(page: Buffer, at: number): StoredLarge {
  const count = page.readUInt8(at + 7)
  const refs = Array.from({ length: count }, (_, i) => readRef(page, at + 8 + i * refBytes))
  return new StoredLarge(page.readUIntBE(at, 6), page.readUInt8(at + 6), refs)
}

/** Writes an inner node whose children are all sealed. */
export function encodeInner({ separators, children }: Inner, page: Buffer): void {
  const refs = children.map(sealedRef)
  let at = page.writeUInt16BE(refs.length, 0)
  for (const separator of separators) at = page.writeUInt16BE(separator.length, at)
  for (const { page: number } of refs) at = writeUint64(page, number, at)
  for (const { epoch } of refs) at = page.writeUInt16BE(epoch, at)
  for (const { tag } of refs) at += page.write(tag, at, 'latin1')
  at += page.write(separators.join(''), at, 'latin1')
  assert(at <= plainPageBytes, 'an inner node fits its page')
  page.fill(0, at)
}

function sealedRef(child: Inner['children'][number]): PageRef {
  assert(child instanceof PageRef, 'children are sealed before their parent')
  return child
}

/** The inner node that a page holds. */
export function decodeInner(page: Buffer): Inner {
  const count = page.readUInt16BE(0)
  const pages = 2 + 2 * (count - 1)
  const epochs = pages + 8 * count
  const tags = epochs + 2 * count
  const start = tags + tagBytes * count
  const joined = page.toString('latin1', tags, start)
  const children = new Array<PageRef>(count)
  for (let i = 0; i < count; i += 1) {
    const tag = joined.slice(i * tagBytes, (i + 1) * tagBytes)
    children[i] = new PageRef(
      readUint64(page, pages + 8 * i),
      tag,
      page.readUInt16BE(epochs + 2 * i),
    )
  }
  return new Inner(cut(page, { lengths: 2, count: count - 1, start }), children)
}
