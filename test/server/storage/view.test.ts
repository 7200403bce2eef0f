import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PageCache } from '#server/storage/cache/page-cache.ts'
import { type CachedPage, PageReader } from '#server/storage/page-reader.ts'
import { memoryPageStore } from '#server/storage/page-store/memory.ts'
import { Draft, StateReader } from '#server/storage/view.ts'
import { testSealer } from '#test/support/storage.ts'

const empty = { trees: new Map(), etag: 41 }

function pages(): PageReader {
  const store = memoryPageStore({ database: 'test' })
  const cache = new PageCache<CachedPage>(1_000_000).partition()
  return new PageReader({ store, sealer: testSealer(), cache })
}

test('Draft sees its own changes and leaves the state it began from as it was', () => {
  const reader = pages()
  const draft = new Draft(reader, empty)
  draft.put(1, 'a', Buffer.from('1'))
  draft.put(2, 'b', Buffer.from('2'))
  assert.equal(draft.get(1, 'a')?.toString(), '1')
  assert.equal(draft.get(1, 'b'), undefined)
  assert.deepEqual([draft.count(1), draft.count(2), draft.count(3)], [1, 1, 0])
  assert.equal(draft.nextEtag(), 42)
  assert.equal(new StateReader(reader, empty).count(1), 0)
  assert.equal(new StateReader(reader, empty).lastEtag, 41)
})

test('Draft.rollback() puts back trees, etag, counters and pages let go of', () => {
  const draft = new Draft(pages(), empty)
  draft.put(1, 'a', Buffer.from('1'))
  draft.freed.push(7)
  const savepoint = draft.savepoint()
  draft.put(1, 'a', Buffer.from('changed'))
  draft.put(1, 'b', Buffer.from('2'))
  draft.delete(1, 'a')
  draft.nextEtag()
  draft.freed.push(8)
  draft.rollback(savepoint)
  assert.deepEqual(
    [...draft.range(1)].map(({ key, value }) => `${key}=${value}`),
    ['a=1'],
  )
  assert.deepEqual([draft.lastEtag, draft.changes, draft.freshBytes], [41, 1, 1])
  assert.deepEqual(draft.freed, [7])
})

test('Draft.delete() says whether there was something, and an empty tree goes', () => {
  const draft = new Draft(pages(), empty)
  draft.put(1, 'a', Buffer.from('1'))
  const { changes } = draft
  assert.equal(draft.delete(1, 'b'), false)
  assert.equal(draft.changes, changes)
  assert.equal(draft.delete(1, 'a'), true)
  assert.equal(draft.trees.size, 0)
})

test('StateReader refuses everything once it has ended, also the rest of a range', () => {
  const draft = new Draft(pages(), empty)
  for (const key of ['a', 'b', 'c']) draft.put(1, key, Buffer.from(key))
  const reader = new StateReader(pages(), { trees: draft.trees, etag: 41 })
  const range = reader.range(1)
  assert.equal(range.next().value?.key, 'a')
  reader.end()
  const misused = { code: 'ERR_ASSERTION' }
  assert.throws(() => range.next(), misused)
  assert.throws(() => reader.get(1, 'a'), misused)
  assert.throws(() => reader.count(1), misused)
})
