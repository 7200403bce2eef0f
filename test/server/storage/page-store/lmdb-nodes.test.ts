import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  filePageBytes,
  headerBytes,
  leafOf,
  Misshapen,
} from '#server/storage/page-store/lmdb-nodes.ts'
import { seeded } from '#test/support/seeded.ts'

/** A leaf of LMDB with these entries, as it writes them: from the end of the page to its front. */
function leaf(entries: readonly { readonly key: number; readonly size: number }[]): Buffer {
  const page = Buffer.alloc(filePageBytes)
  let at = filePageBytes
  for (const [index, { key, size }] of entries.entries()) {
    at -= 16 + size + (size % 2)
    page.writeUInt32LE(size, at)
    page.writeUInt16LE(8, at + 6)
    page.writeUInt32BE(key, at + 12)
    page.writeUInt16LE(at - headerBytes, headerBytes + 2 * index)
  }
  page.writeUInt16LE(2 * entries.length, 20)
  page.writeUInt16LE(at - headerBytes, 22)
  return page
}

test('leafOf() reads the entries that LMDB writes', () => {
  const entries = [3, 8, 900].map((key) => ({ key, size: key % 7 }))
  const read = leafOf(leaf(entries), 5)
  assert.deepEqual(
    read.map(({ key, size }) => ({ key, size })),
    entries,
  )
})

test('leafOf() refuses entries out of order, over each other, or with a gap between them', () => {
  assert.throws(
    () =>
      leafOf(
        leaf([
          { key: 5, size: 4 },
          { key: 5, size: 4 },
        ]),
        1,
      ),
    Misshapen,
  )
  const two = [
    { key: 5, size: 4 },
    { key: 6, size: 4 },
  ]
  for (const change of [-2, 2, 40]) {
    const page = leaf(two)
    page.writeUInt16LE(page.readUInt16LE(headerBytes) + change, headerBytes)
    assert.throws(() => leafOf(page, 1), Misshapen)
  }
})

test('leafOf() either reads inside the page or refuses, whatever is in it', () => {
  const random = seeded(7)
  const good = leaf(Array.from({ length: 20 }, (_, i) => ({ key: i + 1, size: 30 })))
  for (let round = 0; round < 3_000; round += 1) {
    const page = Buffer.from(good)
    for (let i = 0; i <= round % 3; i += 1)
      page[random.whole(18, filePageBytes - 1)] = random.whole(0, 255)
    try {
      for (const entry of leafOf(page, 1))
        if (entry.at !== undefined) assert.ok(entry.at + entry.size <= filePageBytes)
    } catch (error) {
      assert.ok(error instanceof Misshapen, String(error))
    }
  }
})
