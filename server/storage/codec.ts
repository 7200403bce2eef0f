/**
 * Keys made of several values, as byte strings that sort as the tuples of values do.
 *
 * A byte string that others follow ends in `00 00`, and its own `00` become `00 ff`; the last one of a tuple stands as it is, so
 * that a prefix of it is a prefix of the key. Numbers are eight bytes: unsigned as they are, doubles with their sign turned.
 */
import assert from 'node:assert/strict'
import { type ByteString, readUint64, text, uint64, utf8 } from './bytes.ts'
import type { Range } from './engine.types.ts'

/** How one value of a key is written. */
export interface Part<T> {
  encode(value: T, isLast: boolean): ByteString
  /** The value at the beginning of `bytes`, and how many bytes it takes. */
  decode(bytes: ByteString, isLast: boolean): { readonly value: T; readonly length: number }
}

/** Any bytes. */
export const byteStringPart: Part<ByteString> = {
  encode: (value, isLast) => (isLast ? value : `${value.replaceAll('\0', '\0\xff')}\0\0`),
  decode: (bytes, isLast) => {
    if (isLast) return { value: bytes, length: bytes.length }
    let end = bytes.indexOf('\0')
    while (bytes[end + 1] === '\xff') end = bytes.indexOf('\0', end + 2)
    assert(end >= 0 && bytes[end + 1] === '\0', 'a byte string inside a key has an end')
    return { value: bytes.slice(0, end).replaceAll('\0\xff', '\0'), length: end + 2 }
  },
}

/** Text, by its UTF-8. */
export const textPart: Part<string> = {
  encode: (value, isLast) => byteStringPart.encode(utf8(value), isLast),
  decode: (bytes, isLast) => {
    const { value, length } = byteStringPart.decode(bytes, isLast)
    return { value: text(value), length }
  },
}

/** Whole numbers from 0 to 2^53 - 1. */
export const unsignedPart: Part<number> = {
  encode: (value) => {
    assert(Number.isSafeInteger(value) && value >= 0, 'an unsigned part is a whole number')
    return uint64(value)
  },
  decode: (bytes) => ({ value: readUint64(bytes), length: 8 }),
}

/** Any number but NaN; -0 is written as 0. */
export const doublePart: Part<number> = {
  encode: (value) => {
    assert(!Number.isNaN(value), 'NaN has no order')
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleBE(value === 0 ? 0 : value)
    return flipped(bytes, (bytes[0] as number) < 0x80).toString('latin1')
  },
  decode: (key) => {
    const bytes = Buffer.from(key.slice(0, 8), 'latin1')
    return { value: flipped(bytes, (bytes[0] as number) >= 0x80).readDoubleBE(), length: 8 }
  },
}

/** Positive: only the sign bit turns; negative: every bit does. */
function flipped(bytes: Buffer, isPositive: boolean): Buffer {
  if (isPositive) bytes[0] = (bytes[0] as number) ^ 0x80
  else for (let i = 0; i < 8; i += 1) bytes[i] = (bytes[i] as number) ^ 0xff
  return bytes
}

/** Keys of one shape. */
export interface KeyCodec<T extends readonly unknown[]> {
  encode(...values: T): ByteString
  decode(key: ByteString): T
  /** All keys that begin with these values. */
  under(...values: Partial<T>): Range
}

/** The codec of a tuple: `keyOf(textPart, unsignedPart).encode('Orders', 7)`. */
export function keyOf<T extends readonly unknown[]>(
  ...parts: { readonly [I in keyof T]: Part<T[I]> }
): KeyCodec<T> {
  const list: readonly Part<unknown>[] = parts
  return {
    encode: (...values) =>
      list.map((part, i) => part.encode(values[i], i === list.length - 1)).join(''),
    decode: (key) => {
      let rest = key
      const values = list.map((part, i) => {
        const { value, length } = part.decode(rest, i === list.length - 1)
        rest = rest.slice(length)
        return value
      })
      return values as readonly unknown[] as T
    },
    under: (...values) =>
      prefixRange(
        values.map((value, i) => (list[i] as Part<unknown>).encode(value, false)).join(''),
      ),
  }
}

/** All keys that begin with these bytes. */
export function prefixRange(prefix: ByteString): Range {
  let end = prefix
  while (end.endsWith('\xff')) end = end.slice(0, -1)
  if (end === '') return { from: prefix }
  const next = String.fromCharCode(end.charCodeAt(end.length - 1) + 1)
  return { from: prefix, to: end.slice(0, -1) + next }
}
