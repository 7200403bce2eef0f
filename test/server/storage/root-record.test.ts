import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { PageRef } from '#server/storage/btree/ref.ts'
import type { TreeRoot } from '#server/storage/btree/tree.ts'
import { decodeRoot, encodeRoot, type RootRecord } from '#server/storage/root-record.ts'

const ref = fc
  .tuple(fc.maxSafeNat(), fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.nat(65_535))
  .map(([page, tag, epoch]) => new PageRef(page, Buffer.from(tag).toString('latin1'), epoch))
const plain = { noNullPrototype: true }
const tree = fc.record<TreeRoot>({ child: ref, height: fc.nat(255), count: fc.maxSafeNat() }, plain)
const root: fc.Arbitrary<RootRecord> = fc.record(
  {
    commit: fc.maxSafeNat(),
    nextPage: fc.maxSafeNat(),
    pages: fc.maxSafeNat(),
    etag: fc.maxSafeNat(),
    logPosition: fc.maxSafeNat(),
    owner: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes)),
    trees: fc
      .array(fc.tuple(fc.nat(65_535), tree), { maxLength: 40, size: 'max' })
      .map((entries) => new Map(entries)),
  },
  plain,
)

test('decodeRoot() reads what encodeRoot() wrote', () => {
  fc.assert(
    fc.property(root, (record) => {
      const bytes = encodeRoot(record)
      assert.equal(bytes.length % 512, 0)
      assert.deepEqual(decodeRoot(bytes), record)
    }),
  )
})

test('decodeRoot() gives nothing for another version of the format', () => {
  const record = fc.sample(root, 1)[0] as RootRecord
  const bytes = encodeRoot(record)
  bytes.writeUInt16BE(2, 0)
  assert.equal(decodeRoot(bytes), undefined)
})
