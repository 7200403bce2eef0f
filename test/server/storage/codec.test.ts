import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ByteString } from '#server/storage/bytes.ts'
import {
  byteStringPart,
  doublePart,
  keyOf,
  prefixRange,
  textPart,
  unsignedPart,
} from '#server/storage/codec.ts'

/** Few different bytes, so that prefixes, zeros and `ff` meet often. */
const bytes = fc.string({ unit: fc.constantFrom('\0', '\x01', 'a', '\xfe', '\xff'), maxLength: 6 })
const double = fc.double({ noNaN: true }).map((n) => (n === 0 ? 0 : n))
const unsigned = fc.maxSafeNat()
const text = fc.string({ unit: 'binary', maxLength: 8 })

function order(a: string | number, b: string | number): number {
  return a < b ? -1 : a > b ? 1 : 0
}

test('keyOf() sorts as the tuples do, and decodes to what was encoded', () => {
  const codec = keyOf<[ByteString, number, number, ByteString]>(
    byteStringPart,
    unsignedPart,
    doublePart,
    byteStringPart,
  )
  const tuple = fc.tuple(bytes, unsigned, double, bytes)
  fc.assert(
    fc.property(tuple, tuple, (a, b) => {
      assert.deepEqual(codec.decode(codec.encode(...a)), a)
      const expected = a.map((value, i) => order(value, b[i] as never)).find((n) => n !== 0) ?? 0
      assert.equal(order(codec.encode(...a), codec.encode(...b)), expected)
    }),
    { numRuns: 2_000 },
  )
})

test('textPart keeps every text, in the middle and at the end', () => {
  const codec = keyOf<[string, string]>(textPart, textPart)
  fc.assert(
    fc.property(text, text, (a, b) => assert.deepEqual(codec.decode(codec.encode(a, b)), [a, b])),
  )
})

test('keyOf() leaves the last byte string as it is, so that its prefixes are prefixes of the key', () => {
  assert.equal(keyOf(byteStringPart).encode('orders/1\0'), 'orders/1\0')
})

test('under() covers exactly the keys that begin with the values', () => {
  const codec = keyOf<[ByteString, ByteString]>(byteStringPart, byteStringPart)
  fc.assert(
    fc.property(bytes, bytes, bytes, (first, other, last) => {
      assert.equal(isWithin(codec.encode(other, last), codec.under(first)), other === first)
    }),
    { numRuns: 1_000 },
  )
})

test('prefixRange() covers exactly the keys with the prefix', () => {
  fc.assert(
    fc.property(bytes, bytes, (prefix, key) => {
      assert.equal(isWithin(key, prefixRange(prefix)), key.startsWith(prefix))
    }),
    { numRuns: 2_000 },
  )
})

test('unsignedPart and doublePart refuse what has no place in the order', () => {
  for (const value of [-1, 0.5, 2 ** 53, Number.NaN])
    assert.throws(() => unsignedPart.encode(value, true), /whole number/)
  assert.throws(() => doublePart.encode(Number.NaN, true), /NaN has no order/)
})

function isWithin(key: ByteString, { from, to }: { from?: ByteString; to?: ByteString }): boolean {
  return (from === undefined || key >= from) && (to === undefined || key < to)
}
