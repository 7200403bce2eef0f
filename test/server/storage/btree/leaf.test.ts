import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { inlineEntryBytesMax } from '#server/limits.ts'
import { FreshLarge, StoredLarge } from '#server/storage/btree/large.ts'
import {
  Edit,
  entryBytes,
  Leaf,
  leafValue,
  lowerBound,
  valueBytes,
} from '#server/storage/btree/leaf.ts'
import { PageRef } from '#server/storage/btree/ref.ts'

test('lowerBound() is the first position whose key is not below', () => {
  const keys = fc.uniqueArray(fc.string({ maxLength: 4 }), { maxLength: 30, size: 'max' })
  fc.assert(
    fc.property(keys, fc.string({ maxLength: 4 }), (unsorted, key) => {
      const sorted = unsorted.toSorted((a, b) => (a < b ? -1 : 1))
      const expected = sorted.findIndex((each) => each >= key)
      assert.equal(lowerBound(sorted, key), expected === -1 ? sorted.length : expected)
    }),
  )
})

test('leafValue() keeps an entry inline up to its limit, key included', () => {
  const room = inlineEntryBytesMax - 4 - 'key'.length
  assert.ok(leafValue('key', Buffer.alloc(room)) instanceof Uint8Array)
  assert.ok(leafValue('key', Buffer.alloc(room + 1)) instanceof FreshLarge)
})

test('valueBytes() is the same for a large value before and after it is stored', () => {
  const refs = Array.from({ length: 3 }, (_, page) => new PageRef(page, 't'.repeat(16), 1))
  const stored = new StoredLarge(20_000, 0, refs)
  assert.equal(valueBytes(new FreshLarge(Buffer.alloc(20_000))), valueBytes(stored))
  assert.equal(valueBytes((100 << 13) | 77), 77)
  assert.equal(entryBytes('key', Buffer.alloc(5)), 4 + 3 + 5)
})

test('Leaf.copy() shares nothing that changes', () => {
  const edit = new Edit()
  const leaf = new Leaf({ keys: ['a'], values: [Buffer.from('1')], bytes: 8 })
  const copy = leaf.copy(edit)
  copy.keys.push('b')
  copy.values.push(Buffer.from('2'))
  copy.bytes = 14
  assert.deepEqual([leaf.keys, leaf.values.length, leaf.bytes, leaf.edit], [['a'], 1, 8, undefined])
  assert.equal(copy.edit, edit)
})
