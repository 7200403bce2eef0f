import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { plainPageBytes } from '#server/limits.ts'
import {
  decodeList,
  encodeList,
  PageRef,
  readRef,
  readUint64,
  refBytes,
  writeRef,
  writeUint64,
} from '#server/storage/btree/ref.ts'

const ref = fc
  .tuple(
    fc.maxSafeNat(),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
    fc.integer({ min: 0, max: 65_535 }),
  )
  .map(([page, tag, epoch]) => new PageRef(page, Buffer.from(tag).toString('latin1'), epoch))

test('readUint64() reads what writeUint64() wrote, and nothing larger is written', () => {
  const bytes = Buffer.alloc(9)
  fc.assert(
    fc.property(fc.maxSafeNat(), (value) => {
      assert.equal(writeUint64(bytes, value, 1), 9)
      assert.equal(readUint64(bytes, 1), value)
    }),
  )
  for (const wrong of [-1, 2 ** 53, 0.5])
    assert.throws(() => writeUint64(bytes, wrong, 0), { code: 'ERR_ASSERTION' })
})

test('readRef() reads what writeRef() wrote', () => {
  fc.assert(
    fc.property(ref, (each) => {
      const bytes = Buffer.alloc(refBytes + 3)
      assert.equal(writeRef(each, bytes, 3), refBytes + 3)
      assert.deepEqual(readRef(bytes, 3), each)
    }),
  )
})

test('decodeList() reads what encodeList() wrote, up to a full page, and nothing is left of what was there', () => {
  fc.assert(
    fc.property(
      fc.array(ref, { maxLength: Math.floor((plainPageBytes - 2) / refBytes), size: 'max' }),
      (refs) => {
        const page = Buffer.alloc(plainPageBytes, 0xee)
        encodeList(refs, page)
        assert.deepEqual(decodeList(page), refs)
        assert.ok(page.subarray(2 + refs.length * refBytes).every((byte) => byte === 0))
      },
    ),
  )
})
