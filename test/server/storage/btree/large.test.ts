import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { plainPageBytes } from '#server/limits.ts'
import { bytesUnder, largeShape } from '#server/storage/btree/large.ts'

test('largeShape() keeps few references in the leaf, and they cover the whole value', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 600 * 1024 * 1024 }), (length) => {
      const { depth, refs } = largeShape(length)
      assert.ok(refs >= 1 && refs <= 8)
      assert.ok(refs * bytesUnder(depth) >= length)
      assert.ok((refs - 1) * bytesUnder(depth) < length)
    }),
  )
})

test('largeShape() needs no list for a value of up to eight pages', () => {
  assert.deepEqual(largeShape(plainPageBytes), { depth: 0, refs: 1 })
  assert.deepEqual(largeShape(plainPageBytes * 8), { depth: 0, refs: 8 })
  assert.deepEqual(largeShape(plainPageBytes * 8 + 1), { depth: 1, refs: 1 })
  assert.equal(largeShape(50 * 1024 * 1024).depth, 2)
})
