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
    storeCommit: fc.maxSafeNat(),
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

test('decodeRoot() reads a record of an older version, with and without padding behind its trees, as one that knows no store commit', () => {
  for (const trees of [0, 12]) {
    const child = new PageRef(1, 't'.repeat(16), 1)
    const record: RootRecord = {
      ...{ commit: 9, nextPage: 5, pages: 4, etag: 3, logPosition: 0, storeCommit: 77 },
      owner: Buffer.alloc(16, 1),
      trees: new Map(
        Array.from({ length: trees }, (_, id) => [id, { child, height: 0, count: 1 }]),
      ),
    }
    const older = encodeRoot({ ...record, storeCommit: 0 })
    const exact = older.subarray(0, 60 + trees * 37)
    for (const bytes of [older, exact])
      assert.deepEqual(decodeRoot(bytes), { ...record, storeCommit: 0 })
  }
})
