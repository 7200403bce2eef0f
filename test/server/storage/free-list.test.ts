import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reclaimedPagesMax } from '#server/limits.ts'
import { PageCache } from '#server/storage/cache/page-cache.ts'
import { reclaim, recordFreed } from '#server/storage/free-list.ts'
import { type CachedPage, PageReader } from '#server/storage/page-reader.ts'
import { memoryPageStore } from '#server/storage/page-store/memory.ts'
import { Draft, type State } from '#server/storage/view.ts'
import { testSealer } from '#test/support/storage.ts'

function draftOn(state: State = { trees: new Map(), etag: 0 }): Draft {
  const store = memoryPageStore({ database: 'test' })
  const cache = new PageCache<CachedPage>(1_000_000).partition()
  return new Draft(new PageReader({ store, sealer: testSealer(), cache }), state)
}

/** A draft whose commit lets go of these pages. */
function letGo(before: Draft | undefined, pages: number[], commit: number): Draft {
  const draft = draftOn(before === undefined ? undefined : { trees: before.trees, etag: 0 })
  for (const page of pages) draft.freed.push(page)
  recordFreed(draft, commit)
  return draft
}

const numbers = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i)

test('reclaim() takes exactly what commits up to the oldest one let go of', () => {
  const first = letGo(undefined, numbers(100, 700), 5)
  const second = letGo(first, numbers(5_000, 3), 6)
  const draft = letGo(second, [9_000], 7)
  assert.deepEqual(reclaim(draft, 4), [])
  assert.deepEqual(
    reclaim(draft, 6).sort((a, b) => a - b),
    [...numbers(100, 700), ...numbers(5_000, 3)],
  )
  assert.deepEqual(reclaim(draft, 6), [])
  assert.deepEqual(reclaim(draft, 7), [9_000])
})

test('reclaim() takes a bounded number at once, and the rest later', () => {
  const draft = letGo(undefined, numbers(1, 10_000), 1)
  const all: number[] = []
  let rounds = 0
  for (let pages = reclaim(draft, 1); pages.length > 0; pages = reclaim(draft, 1)) {
    assert.ok(pages.length < reclaimedPagesMax + 300)
    all.push(...pages)
    rounds += 1
  }
  assert.ok(rounds >= 3)
  assert.deepEqual(
    all.sort((a, b) => a - b),
    numbers(1, 10_000),
  )
})

test('recordFreed() writes nothing where nothing was let go of', () => {
  assert.equal(letGo(undefined, [], 1).trees.size, 0)
})
