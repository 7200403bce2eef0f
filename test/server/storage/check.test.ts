import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sealedPageBytes } from '#server/limits.ts'
import { Purpose } from '#server/seal/sealer.ts'
import { checkStore } from '#server/storage/check.ts'
import { MemoryDisk, memoryPageStore } from '#server/storage/page-store/memory.ts'
import { decodeRoot, encodeRoot, type RootRecord } from '#server/storage/root-record.ts'
import { openTestEngine, testSealer } from '#test/support/storage.ts'

const database = 'test'

async function filledDisk(): Promise<MemoryDisk> {
  const disk = new MemoryDisk()
  await using engine = await openTestEngine(memoryPageStore({ database }, disk))
  for (const tree of [1, 2]) {
    const changes = Array.from({ length: 500 }, (_, i) => ({
      tree,
      key: `k${i}`,
      value: 'v'.repeat(i % 100 === 0 ? 100_000 : i),
    }))
    await engine.submit({ changes })
    await engine.submit({ changes: changes.slice(0, 50) })
  }
  return disk
}

const check = (disk: MemoryDisk) =>
  checkStore({ store: memoryPageStore({ database }, disk), sealer: testSealer() })

/** The same disk with another root record, properly sealed. */
function withRoot(disk: MemoryDisk, change: (root: RootRecord) => RootRecord): MemoryDisk {
  const sealer = testSealer()
  const plain = sealer.openRecord(Purpose.Root, disk.root as Buffer) as Buffer
  const copy = disk.copy()
  copy.root = sealer.sealRecord(Purpose.Root, encodeRoot(change(decodeRoot(plain) as RootRecord)))
  return copy
}

test('checkStore() finds nothing wrong with a sound store, and counts what is in it', async () => {
  const disk = await filledDisk()
  const report = await check(disk)
  assert.deepEqual(report.problems, [])
  assert.equal(report.pages, disk.slots.size)
  assert.deepEqual(
    report.trees.filter(({ tree }) => tree > 0).map(({ tree, entries }) => [tree, entries]),
    [
      [1, 500],
      [2, 500],
    ],
  )
  const reached = report.trees.reduce((sum, { pages }) => sum + pages, 0)
  assert.ok(reached > 100 && reached < report.pages)
})

test('checkStore() of an empty store is empty', async () => {
  const { trees, pages, problems, commit } = await check(new MemoryDisk())
  assert.deepEqual(
    { trees, pages, problems, commit },
    { trees: [], pages: 0, problems: [], commit: 0 },
  )
})

test('checkStore() goes on behind a damaged page and reports each', async () => {
  const disk = await filledDisk()
  const pages = [...disk.slots.keys()].slice(-6)
  for (const page of pages) disk.slots.get(page)?.fill(1, 100, 110)
  const { problems } = await check(disk)
  const damaged = pages.filter((page) =>
    problems.some((each) => each.includes(`page ${page} of tree`)),
  )
  assert.ok(damaged.length >= 2, problems.join('\n'))
})

test('checkStore() reports a page that nothing leads to, and one with a number never given', async () => {
  const disk = await filledDisk()
  disk.slots.set(1_000_000, Buffer.alloc(sealedPageBytes))
  const { problems } = await check(disk)
  assert.match(problems.join('\n'), /page 1000000 is stored, but nothing leads to it/)
  assert.match(problems.join('\n'), /page 1000000 has a number that was never given/)
  assert.match(problems.join('\n'), /pages are stored, the root record says/)
})

test('checkStore() reports a free page that is gone', async () => {
  const disk = await filledDisk()
  const before = await check(disk)
  let reported = 0
  for (const page of [...disk.slots.keys()].filter((_, i) => i % 12 === 0)) {
    const copy = disk.copy()
    copy.slots.delete(page)
    const { problems } = await check(copy)
    assert.ok(problems.length > before.problems.length)
    if (problems.some((each) => each.includes(`page ${page} is on the free list, but not stored`)))
      reported += 1
  }
  assert.ok(reported > 0)
})

test('checkStore() reports a wrong count, and two trees that share pages', async () => {
  const disk = await filledDisk()
  const counted = withRoot(disk, (root) => {
    const trees = new Map(root.trees)
    const first = trees.get(1)
    if (first !== undefined) trees.set(1, { ...first, count: 7 })
    return { ...root, trees }
  })
  assert.match((await check(counted)).problems.join(), /tree 1 has 500 entries, its root says 7/)
  const forgotten = withRoot(disk, (root) => ({
    ...root,
    trees: new Map([...root.trees].filter(([tree]) => tree !== 2)),
  }))
  assert.match((await check(forgotten)).problems.join(), /is stored, but nothing leads to it/)
})

test('checkStore() rejects a root record that does not open', async () => {
  const disk = await filledDisk()
  disk.root?.fill(0, 40, 41)
  await assert.rejects(check(disk), { code: 'DatabaseDamaged' })
})
