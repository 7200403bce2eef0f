import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { TestTree } from '#test/support/trees.ts'

const keys = Array.from({ length: 3_000 }, (_, i) => `k${String(i * 2).padStart(5, '0')}`)
const tree = new TestTree()
for (const key of keys) tree.put(key, Buffer.alloc(key.length * 3))

const bound = fc.option(
  fc.integer({ min: -1, max: 6_001 }).map((n) => `k${String(n).padStart(5, '0')}`),
  { nil: undefined },
)

test('entries() gives exactly the keys of the range, in either direction', () => {
  fc.assert(
    fc.property(bound, bound, fc.boolean(), (from, to, reverse) => {
      const expected = keys.filter(
        (key) => (from === undefined || key >= from) && (to === undefined || key < to),
      )
      if (reverse) expected.reverse()
      const range = {
        reverse,
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
      }
      assert.deepEqual(
        tree.list(range),
        expected.map((key) => `${key}=18`),
      )
    }),
    { numRuns: 200 },
  )
})

test('get() finds every key, and nothing between them', () => {
  for (const key of keys) {
    assert.equal(tree.get(key)?.length, 18)
    assert.equal(tree.get(`${key}x`), undefined)
  }
  assert.equal(tree.get(''), undefined)
  assert.equal(tree.get('z'), undefined)
})

test('entries() of an empty tree is empty', () => {
  assert.deepEqual(new TestTree().list(), [])
  assert.deepEqual(new TestTree().list({ reverse: true }), [])
})
