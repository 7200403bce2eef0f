import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { byteString, readUint64, text, uint64, utf8 } from '#server/storage/bytes.ts'

const number = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })

test('byteString() keeps every byte and sorts as the bytes do', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
      assert.deepEqual(Buffer.from(byteString(a), 'latin1'), Buffer.from(a))
      const inOrder = byteString(a) < byteString(b)
      assert.equal(inOrder, Buffer.compare(a, b) < 0)
    }),
  )
})

test('byteString() looks at its part of a larger buffer only', () => {
  assert.equal(byteString(Buffer.from('abcdef').subarray(2, 4)), 'cd')
})

test('utf8() and text() are each other back, for every well-formed text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (value) => {
      assert.equal(text(utf8(value)), value)
      assert.equal(utf8(value).length, Buffer.byteLength(value))
    }),
  )
})

test('uint64() sorts as the numbers do and reads back at any offset', () => {
  fc.assert(
    fc.property(number, number, (a, b) => {
      assert.equal(uint64(a) < uint64(b), a < b)
      assert.equal(readUint64(`xyz${uint64(a)}`, 3), a)
      assert.equal(uint64(a).length, 8)
    }),
  )
})
