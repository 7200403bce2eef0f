import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commitWriteSetsMax } from '#server/limits.ts'
import { PageCache } from '#server/storage/cache/page-cache.ts'
import { type CachedPage, PageReader } from '#server/storage/page-reader.ts'
import { memoryPageStore } from '#server/storage/page-store/memory.ts'
import { applyQueued, type Submission } from '#server/storage/submissions.ts'
import { Draft } from '#server/storage/view.ts'
import { applyChanges, type TestWriteSet, testSealer } from '#test/support/storage.ts'

function emptyDraft(): Draft {
  const store = memoryPageStore({ database: 'test' })
  const cache = new PageCache<CachedPage>(1_000_000).partition()
  const pages = new PageReader({ store, sealer: testSealer(), cache })
  return new Draft(pages, { trees: new Map(), etag: 0 })
}

function submission(writeSet: TestWriteSet, told: unknown[]): Submission<TestWriteSet, number> {
  return { writeSet, resolve: (result) => told.push(result), reject: (error) => told.push(error) }
}

test('applyQueued() tells nobody before it is settled, and each how it went', async () => {
  const told: unknown[] = []
  const queue = [
    submission({ changes: [{ key: 'a', value: '1' }] }, told),
    submission({ changes: [{ key: 'b', value: '2' }], fails: true }, told),
    submission({ changes: [{ key: 'c', value: '3' }] }, told),
  ]
  const draft = emptyDraft()
  const settles = await applyQueued(queue, { draft, apply: applyChanges })
  assert.deepEqual([told.length, queue.length, draft.count(1)], [0, 0, 2])
  for (const settle of settles) settle(undefined)
  assert.deepEqual([told[0], String(told[1]), told[2]], [1, 'Error: told to fail', 2])
})

test('applyQueued() tells all of a commit that failed, and leaves to the next one what does not fit', async () => {
  const told: unknown[] = []
  const one = () => submission({ changes: [{ key: 'a', value: '1' }] }, told)
  const queue = Array.from({ length: commitWriteSetsMax + 5 }, one)
  const settles = await applyQueued(queue, { draft: emptyDraft(), apply: applyChanges })
  assert.deepEqual([settles.length, queue.length], [commitWriteSetsMax, 5])
  for (const settle of settles) settle('full')
  assert.ok(told.every((outcome) => outcome === 'full'))
})
