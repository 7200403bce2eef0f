import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reclaimedPagesMax } from '#server/limits.ts'
import { PageCache } from '#server/storage/cache/page-cache.ts'
import { reclaim, recordFreed, wholeList } from '#server/storage/free-list.ts'
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

/** What is taken where nobody reads an older state than the last. */
function taken(draft: Draft, last: number): number[] {
  return reclaim(draft, { last, readers: [], walk: wholeList }).pages.sort((a, b) => a - b)
}

const numbers = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i)

test('reclaim() takes exactly what commits up to the oldest one let go of', () => {
  const first = letGo(undefined, numbers(100, 700), 5)
  const second = letGo(first, numbers(5_000, 3), 6)
  const draft = letGo(second, [9_000], 7)
  assert.deepEqual(taken(draft, 4), [])
  assert.deepEqual(taken(draft, 6), [...numbers(100, 700), ...numbers(5_000, 3)])
  assert.deepEqual(taken(draft, 6), [])
  assert.deepEqual(taken(draft, 7), [9_000])
})

test('reclaim() takes a bounded number at once, and the rest later', () => {
  const draft = letGo(undefined, numbers(1, 10_000), 1)
  draft.freed.length = 0
  const all: number[] = []
  let rounds = 0
  for (let left = true; left; rounds += 1) {
    const { pages, isCut } = reclaim(draft, { last: 1, readers: [], walk: wholeList })
    assert.ok(pages.length < reclaimedPagesMax + 300)
    all.push(...pages)
    left = isCut
  }
  assert.equal(rounds, 3)
  assert.deepEqual(
    all.sort((a, b) => a - b),
    numbers(1, 10_000),
  )
})

test('reclaim() takes at once what a large draft lets go of, twice over', () => {
  const draft = letGo(undefined, numbers(1, 20_000), 1)
  draft.freed.length = 0
  draft.freed.push(...numbers(30_000, 9_000))
  const { pages } = reclaim(draft, { last: 1, readers: [], walk: wholeList })
  assert.ok(pages.length >= 18_000, `${pages.length} pages`)
})

test('reclaim() leaves a reader what it reaches, and takes what was written and left after it began', () => {
  const old = letGo(undefined, [3, 8], 10)
  const draft = letGo(old, [...numbers(1_000, 300), 5, 9], 12)
  const readers = [{ commit: 9, nextPage: 100 }]
  const { pages, walk } = reclaim(draft, { last: 12, readers, walk: wholeList })
  assert.deepEqual(
    pages.sort((a, b) => a - b),
    numbers(1_000, 300),
  )
  assert.deepEqual(reclaim(draft, { last: 12, readers, walk }).pages, [])
  assert.deepEqual(taken(draft, 12), [3, 5, 8, 9])
})

test('reclaim() does not look again at what readers hold', () => {
  const draft = letGo(undefined, numbers(1, 500), 10)
  const readers = [{ commit: 9, nextPage: 1_000 }]
  const { walk } = reclaim(draft, { last: 10, readers, walk: wholeList })
  const later = letGo(draft, [2_000], 11)
  assert.deepEqual([...later.range(0, { from: walk })].length, 1)
})

test('recordFreed() writes nothing where nothing was let go of', () => {
  assert.equal(letGo(undefined, [], 1).trees.size, 0)
})
