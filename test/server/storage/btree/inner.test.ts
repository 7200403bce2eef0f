import assert from 'node:assert/strict'
import { test } from 'node:test'
import { childAt, childIndex, Inner, innerBytes } from '#server/storage/btree/inner.ts'
import { Edit } from '#server/storage/btree/leaf.ts'
import { PageRef, refBytes } from '#server/storage/btree/ref.ts'

const refs = [1, 2, 3].map((page) => new PageRef(page, 't'.repeat(16), 1))
const inner = new Inner(['f', 'm'], [...refs])

test('childIndex() finds the child whose keys begin at or before the key', () => {
  const expected = { '': 0, e: 0, f: 1, fa: 1, lz: 1, m: 2, z: 2 }
  for (const [key, index] of Object.entries(expected)) assert.equal(childIndex(inner, key), index)
  assert.equal(childAt(inner, 2), refs[2])
})

test('Inner knows its encoded size', () => {
  assert.equal(inner.bytes, 2 + 3 * refBytes + 2 * 3)
  assert.equal(innerBytes([], 1), 2 + refBytes)
})

test('Inner.copy() shares nothing that changes', () => {
  const edit = new Edit()
  const copy = inner.copy(edit)
  copy.children.pop()
  copy.separators.pop()
  assert.equal(inner.children.length, 3)
  assert.deepEqual(inner.separators, ['f', 'm'])
  assert.equal(copy.edit, edit)
})
