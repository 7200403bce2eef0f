import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plainPageBytes } from '#server/limits.ts'
import { StoredLarge } from '#server/storage/btree/large.ts'
import { PageRef } from '#server/storage/btree/ref.ts'
import { find } from '#server/storage/btree/tree.ts'
import { PageCache } from '#server/storage/cache/page-cache.ts'
import { openRoot } from '#server/storage/open-root.ts'
import { type CachedPage, PageReader } from '#server/storage/page-reader.ts'
import { MemoryDisk, memoryPageStore } from '#server/storage/page-store/memory.ts'
import { openTestEngine, testSealer } from '#test/support/storage.ts'

async function storeWith(value: Buffer) {
  const disk = new MemoryDisk()
  const engine = await openTestEngine(memoryPageStore({ database: 'test' }, disk))
  await engine.submit({ changes: [{ key: 'a', value }] })
  await engine.close()
  const store = memoryPageStore({ database: 'test' }, disk)
  const sealer = testSealer()
  const cache = new PageCache<CachedPage>(1_000_000).partition()
  const pages = new PageReader({ store, sealer, cache })
  const { root } = openRoot({ store, sealer })
  return { disk, pages, cache, root: root.trees.get(1) }
}

test('load() opens a page once, and then has it in the cache', async () => {
  const { pages, root } = await storeWith(Buffer.from('1'))
  const ref = root?.child as PageRef
  const node = pages.load(1, ref, 0)
  assert.equal(pages.load(1, ref, 0), node)
  assert.deepEqual([pages.misses, pages.hits], [1, 1])
})

test('load() names the page that is missing', async () => {
  const { pages } = await storeWith(Buffer.from('1'))
  assert.throws(() => pages.load(1, new PageRef(77, 't'.repeat(16), 1), 0), {
    code: 'DatabaseDamaged',
    message: /"test": page 77 of tree 1 is missing/,
  })
})

for (const length of [5_000, 50_000, 700_000])
  test(`large() reads a value of ${length} bytes, and largePages() names all its pages`, async () => {
    const value = Buffer.alloc(length, 'some content ')
    const { disk, pages, root, cache } = await storeWith(value)
    const found = find({ pages, tree: 1, root }, 'a')
    const large = found?.leaf.values[found.index]
    assert.ok(large instanceof StoredLarge)
    assert.deepEqual(pages.large(1, large), value)
    const numbers = pages.largePages(1, large)
    const lists = large.depth === 0 ? 0 : 1
    assert.equal(new Set(numbers).size, Math.ceil(length / plainPageBytes) + lists)
    for (const page of numbers) assert.ok(disk.slots.has(page))
    assert.equal(cache.pages, length <= plainPageBytes ? 2 : 1, 'only small ones stay in the cache')
  })
