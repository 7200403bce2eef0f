import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { plainPageBytes } from '#server/limits.ts'
import { Inner } from '#server/storage/btree/inner.ts'
import { FreshLarge, StoredLarge } from '#server/storage/btree/large.ts'
import { emptyLeafBytes, entryBytes, Leaf, type LeafValue } from '#server/storage/btree/leaf.ts'
import {
  decodeInner,
  decodeLeaf,
  encodeInner,
  encodeLeaf,
} from '#server/storage/btree/node-codec.ts'
import { PageRef } from '#server/storage/btree/ref.ts'
import { valueAt } from '#server/storage/btree/tree.ts'

const byteString = (max: number) =>
  fc.uint8Array({ maxLength: max }).map((bytes) => Buffer.from(bytes).toString('latin1'))
const ref = fc
  .tuple(fc.maxSafeNat(), fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.nat(65_535))
  .map(([page, tag, epoch]) => new PageRef(page, Buffer.from(tag).toString('latin1'), epoch))
const value: fc.Arbitrary<LeafValue> = fc.oneof(
  { weight: 4, arbitrary: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.nat(2 ** 40), fc.nat(3), fc.array(ref, { minLength: 1, maxLength: 8 }))
      .map(([length, depth, refs]) => new StoredLarge(length, depth, refs)),
  },
)
const nowhere = {
  pages: {
    load: () => assert.fail('no page is needed'),
    large: () => assert.fail('no page is needed'),
  },
  tree: 1,
}

function leafOf(entries: readonly (readonly [string, LeafValue])[]): Leaf {
  let bytes = emptyLeafBytes
  for (const [key, each] of entries) bytes += entryBytes(key, each)
  return new Leaf({ keys: entries.map(([key]) => key), values: entries.map(([, v]) => v), bytes })
}

test('decodeLeaf() reads what encodeLeaf() wrote, also through a second encoding', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(byteString(40), value), { maxLength: 20, size: 'max' }),
      (entries) => {
        const leaf = leafOf(entries)
        const first = Buffer.alloc(plainPageBytes, 0xee)
        assert.deepEqual(encodeLeaf(leaf, first), decodeLeaf(first).values)
        const second = Buffer.alloc(plainPageBytes, 0xdd)
        encodeLeaf(decodeLeaf(first), second)
        assert.deepEqual(second, first)
        const decoded = decodeLeaf(second)
        assert.deepEqual(decoded.keys, leaf.keys)
        assert.equal(decoded.bytes, leaf.bytes)
        for (const [index, [, each]] of entries.entries()) {
          if (each instanceof StoredLarge) assert.deepEqual(decoded.values[index], each)
          else assert.deepEqual(valueAt(nowhere, decoded, index), each)
        }
      },
    ),
  )
})

test('encodeLeaf() refuses a large value without pages, and a leaf that is too large', () => {
  const page = Buffer.alloc(plainPageBytes)
  const fresh = leafOf([['a', new FreshLarge(Buffer.alloc(9_000))]])
  assert.throws(() => encodeLeaf(fresh, page), { code: 'ERR_ASSERTION' })
  const full = leafOf([1, 2, 3].map((i) => [`${i}`, Buffer.alloc(3_000)]))
  assert.throws(() => encodeLeaf(full, page))
})

test('decodeInner() reads what encodeInner() wrote', () => {
  const node = fc.array(ref, { minLength: 1, maxLength: 60, size: 'max' }).chain((children) =>
    fc.tuple(
      fc.constant(children),
      fc.array(byteString(60), {
        minLength: children.length - 1,
        maxLength: children.length - 1,
      }),
    ),
  )
  fc.assert(
    fc.property(node, ([children, separators]) => {
      const inner = new Inner(separators, children)
      const page = Buffer.alloc(plainPageBytes, 0xee)
      encodeInner(inner, page)
      assert.deepEqual(decodeInner(page), inner)
      assert.ok(page.subarray(inner.bytes).every((byte) => byte === 0))
    }),
  )
})

test('encodeInner() refuses a child without a page', () => {
  const inner = new Inner([], [leafOf([['a', Buffer.alloc(1)]])])
  assert.throws(() => encodeInner(inner, Buffer.alloc(plainPageBytes)), { code: 'ERR_ASSERTION' })
})
