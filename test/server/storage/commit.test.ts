import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sealSlicePages } from '#server/limits.ts'
import { PageCache } from '#server/storage/cache/page-cache.ts'
import { commit } from '#server/storage/commit.ts'
import { wholeList } from '#server/storage/free-list.ts'
import { openRoot } from '#server/storage/open-root.ts'
import { type CachedPage, PageReader } from '#server/storage/page-reader.ts'
import { memoryPageStore } from '#server/storage/page-store/memory.ts'
import { Slots } from '#server/storage/page-writer.ts'
import { Draft } from '#server/storage/view.ts'
import { testSealer } from '#test/support/storage.ts'

function parts() {
  const store = memoryPageStore({ database: 'test' })
  const sealer = testSealer()
  const cache = new PageCache<CachedPage>(1_000_000).partition()
  const pages = new PageReader({ store, sealer, cache })
  const before = openRoot({ store, sealer })
  const draft = new Draft(pages, before.root)
  const owner = Buffer.alloc(16, 1)
  const rest = { storeCommit: 7, numberMin: 0, readers: [], free: wholeList }
  return { store, sealer, slots: new Slots(), before, draft, owner, ...rest }
}

test('commit() writes pages and root together, counted and numbered from the state before', async () => {
  const first = parts()
  first.draft.put(1, 'a', Buffer.from('1'))
  first.draft.nextEtag()
  const { stored, sealedPages, reclaimed } = await commit(first)
  assert.deepEqual(
    [stored.root.commit, stored.root.etag, stored.root.pages, stored.root.nextPage],
    [1, 1, 1, 2],
  )
  assert.deepEqual([sealedPages, reclaimed], [1, []])
  assert.deepEqual(first.store.readRoot(), stored.sealed)
  assert.equal(openRoot(first).root.owner.equals(first.owner), true)
})

test('commit() writes down the newest store commit, and never an older one', async () => {
  const first = parts()
  const { stored } = await commit(first)
  assert.equal(stored.root.storeCommit, 7)
  const second = { ...first, before: stored, storeCommit: 3 }
  assert.equal((await commit(second)).stored.root.storeCommit, 7)
})

test('commit() takes the number that is asked for where that is the higher one', async () => {
  const first = await commit({ ...parts(), numberMin: 41 })
  assert.equal(first.stored.root.commit, 41)
})

test('commit() lets others run while it seals many pages', async () => {
  const many = parts()
  for (let i = 0; i < 40; i += 1) many.draft.put(1, `k${i}`, Buffer.alloc(200_000))
  let turns = 0
  let running = true
  const others = (async () => {
    while (running) {
      await new Promise((resolve) => setImmediate(resolve))
      turns += 1
    }
  })()
  const { sealedPages } = await commit(many)
  running = false
  await others
  assert.ok(sealedPages > 1_000)
  assert.ok(turns >= Math.floor(sealedPages / sealSlicePages), `${turns} turns`)
})

test('commit() over a root that another process wrote is DataDirectoryTaken', async () => {
  const first = parts()
  await commit(first)
  first.draft.put(1, 'a', Buffer.from('1'))
  await assert.rejects(commit(first), { code: 'DataDirectoryTaken' })
  assert.deepEqual([...first.store.pages()], [])
})
