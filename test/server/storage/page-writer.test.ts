import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sealedPageBytes } from '#server/limits.ts'
import { Inner } from '#server/storage/btree/inner.ts'
import type { PageRef } from '#server/storage/btree/ref.ts'
import { PageCache } from '#server/storage/cache/page-cache.ts'
import { type CachedPage, PageReader } from '#server/storage/page-reader.ts'
import { memoryPageStore } from '#server/storage/page-store/memory.ts'
import { PageWriter, Slots } from '#server/storage/page-writer.ts'
import { StateReader } from '#server/storage/view.ts'
import { testSealer } from '#test/support/storage.ts'
import { TestTree } from '#test/support/trees.ts'

function filledTree(): TestTree {
  const tree = new TestTree()
  for (let i = 0; i < 600; i += 1) tree.put(`k${i}`, Buffer.alloc(i % 100 === 0 ? 90_000 : 100, i))
  return tree
}

function sealed(writer: PageWriter, tree: TestTree): PageRef {
  const sealing = writer.seal(1, (tree.root as NonNullable<TestTree['root']>).child)
  let step = sealing.next()
  while (!step.done) step = sealing.next()
  return step.value
}

test('PageWriter.seal() writes every fresh node once, children before parents, under rising numbers', async () => {
  const tree = filledTree()
  const writer = new PageWriter(testSealer(), new Slots(), 50)
  const ref = sealed(writer, tree)
  const numbers = writer.pages.map(({ page }) => page)
  assert.deepEqual(
    numbers,
    numbers.map((_, i) => 50 + i),
  )
  assert.equal(ref.page, writer.nextPage - 1)
  for (const { page, content } of writer.decoded)
    if (content instanceof Inner)
      for (const child of content.children) assert.ok((child as PageRef).page < page)

  const store = memoryPageStore({ database: 'test' })
  await store.commit({
    pages: writer.pages,
    freed: [],
    root: Buffer.alloc(1),
    expectedRoot: undefined,
  })
  const cache = new PageCache<CachedPage>(1).partition()
  const pages = new PageReader({ store, sealer: testSealer(), cache })
  const root = { ...(tree.root as NonNullable<TestTree['root']>), child: ref }
  const reader = new StateReader(pages, { trees: new Map([[1, root]]), etag: 0 })
  const found = [...reader.range(1)].map(({ key, value }) => `${key}=${value.length}`)
  assert.deepEqual(found, tree.list())
})

test('PageWriter.seal() of something sealed does nothing', () => {
  const writer = new PageWriter(testSealer(), new Slots(), 1)
  const ref = sealed(writer, filledTree())
  const { length } = writer.pages
  assert.deepEqual(writer.seal(1, ref).next(), { done: true, value: ref })
  assert.equal(writer.pages.length, length)
})

test('Slots gives memory that does not overlap, and the same again after reset()', () => {
  const slots = new Slots()
  const taken = Array.from({ length: 200 }, (_, i) => slots.take().fill(i))
  for (const [i, slot] of taken.entries()) {
    assert.equal(slot.length, sealedPageBytes)
    assert.ok(slot[0] === i && slot[sealedPageBytes - 1] === i)
  }
  slots.reset()
  assert.equal(slots.take().buffer, taken[0]?.buffer)
})
