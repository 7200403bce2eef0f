/** What every page store promises; run over each implementation. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { putSlicePages, sealedPageBytes } from '#server/limits.ts'
import type { PageChange, PageStore } from '#server/storage/page-store/page-store.ts'
import { hasCode } from '#shared/errors.ts'

/** A place where page stores keep things: `open` as often as processes would. */
export interface Place extends AsyncDisposable {
  open(): PageStore
}

/** Runs the suite; `place` makes a new empty one. */
export function pageStoreContract(name: string, place: () => Promise<Place>): void {
  test(`${name} is empty at first`, async () => {
    await using here = await place()
    const store = here.open()
    assert.equal(store.readRoot(), undefined)
    assert.equal(store.read(1), undefined)
    await store.close()
  })

  test(`${name} keeps pages and root over a close`, async () => {
    await using here = await place()
    const first = here.open()
    const far = 2 ** 33 + 5
    await first.commit(change({ root: 'one', pages: [1, 2, far] }))
    await first.close()
    const store = here.open()
    assert.deepEqual(store.readRoot(), Buffer.from('one'))
    for (const page of [1, 2, far]) assert.deepEqual(store.read(page), slot(page))
    assert.equal(store.read(3), undefined)
    assert.deepEqual([...store.pages()], [1, 2, far])
    await store.close()
  })

  test(`${name} takes pages away and overwrites the root`, async () => {
    await using here = await place()
    const store = here.open()
    await store.commit(change({ root: 'one', pages: [1, 2] }))
    await store.commit(change({ root: 'two', expected: 'one', pages: [3], freed: [1] }))
    assert.equal(store.read(1), undefined)
    assert.deepEqual(store.read(2), slot(2))
    assert.deepEqual(store.read(3), slot(3))
    assert.deepEqual(store.readRoot(), Buffer.from('two'))
    await store.close()
  })

  test(`${name} serves what was there while many pages are written, and all of them then`, async () => {
    await using here = await place()
    const store = here.open()
    await store.commit(change({ root: 'one', pages: [1] }))
    const pages = Array.from({ length: putSlicePages * 4 + 1 }, (_, index) => index + 2)
    const reading = setInterval(() => assert.deepEqual(store.read(1), slot(1)), 0)
    await store.commit(change({ root: 'two', expected: 'one', pages }))
    clearInterval(reading)
    assert.deepEqual([...store.pages()], [1, ...pages])
    assert.deepEqual(store.readRoot(), Buffer.from('two'))
    assert.deepEqual(store.read(pages.length + 1), slot(pages.length + 1))
    await store.commit(change({ root: 'three', expected: 'two', pages: [], freed: pages }))
    assert.deepEqual([...store.pages()], [1])
    await store.close()
  })

  test(`${name} does not keep the caller's memory`, async () => {
    await using here = await place()
    const store = here.open()
    const bytes = slot(1)
    const root = Buffer.from('one')
    await store.commit({ pages: [{ page: 1, bytes }], freed: [], root, expectedRoot: undefined })
    bytes.fill(0)
    root.fill(0)
    assert.deepEqual(store.read(1), slot(1))
    assert.deepEqual(store.readRoot(), Buffer.from('one'))
    await store.close()
  })

  for (const [found, expected] of [
    ['another root', 'two'],
    ['a root where none was expected', undefined],
  ] as const)
    test(`${name} writes nothing over ${found}`, async () => {
      await using here = await place()
      const store = here.open()
      await store.commit(change({ root: 'one', pages: [1] }))
      const late = { ...change({ root: 'three', expected, pages: [9] }), freed: [1] }
      await assert.rejects(store.commit(late), (error) => hasCode(error, 'DataDirectoryTaken'))
      assert.deepEqual(store.readRoot(), Buffer.from('one'))
      assert.deepEqual(store.read(1), slot(1))
      assert.equal(store.read(9), undefined)
      await store.close()
    })

  test(`${name} lets the one that opened later write, and stops the earlier one`, async () => {
    await using here = await place()
    const earlier = here.open()
    await earlier.commit(change({ root: 'one', pages: [1] }))
    const later = here.open()
    await later.commit(change({ root: 'two', expected: 'one', pages: [2] }))
    assert.deepEqual(earlier.readRoot(), Buffer.from('two'))
    await assert.rejects(
      earlier.commit(change({ root: 'three', expected: 'one', pages: [2, 3] })),
      (error) => hasCode(error, 'DataDirectoryTaken'),
    )
    assert.deepEqual(later.readRoot(), Buffer.from('two'))
    assert.equal(later.read(3), undefined)
    await earlier.close()
    await later.close()
  })

  test(`${name} says how many bytes it takes`, async () => {
    await using here = await place()
    const store = here.open()
    const pages = Array.from({ length: 200 }, (_, i) => i + 1)
    await store.commit(change({ root: 'one', pages }))
    assert.ok(store.sizeBytes() >= 200 * sealedPageBytes)
    await store.close()
  })
}

function slot(page: number): Buffer {
  return Buffer.alloc(sealedPageBytes, `${page} `)
}

function change(parts: {
  readonly root: string
  readonly expected?: string | undefined
  readonly pages: readonly number[]
  readonly freed?: readonly number[]
}): PageChange {
  return {
    pages: parts.pages.map((page) => ({ page, bytes: slot(page) })),
    freed: parts.freed ?? [],
    root: Buffer.from(parts.root),
    expectedRoot: parts.expected === undefined ? undefined : Buffer.from(parts.expected),
  }
}
