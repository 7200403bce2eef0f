/** Whoever can write to the disk: everything he changes is found, or does not matter. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkStore } from '#server/storage/check.ts'
import { MemoryDisk, memoryPageStore } from '#server/storage/page-store/memory.ts'
import { hasCode } from '#shared/errors.ts'
import { openTestEngine, testPlainSealer, testSealer } from '#test/support/storage.ts'

const database = 'test'
const keys = Array.from({ length: 1_200 }, (_, i) => `orders/${i}`)
const contentOf = (key: string, version: number) =>
  `${key} in version ${version} `.repeat(key.endsWith('00') ? 700 : 8)

/** A disk as it was after each of two versions of all documents. */
async function disks(sealer = testSealer): Promise<{ old: MemoryDisk; now: MemoryDisk }> {
  const now = new MemoryDisk()
  await using engine = await openTestEngine(memoryPageStore({ database }, now), {
    sealer: sealer(),
  })
  const write = (version: number) =>
    engine.submit({ changes: keys.map((key) => ({ key, value: contentOf(key, version) })) })
  await write(1)
  const old = now.copy()
  await write(2)
  return { old, now }
}

/** Every document is right, or reading it is `DatabaseDamaged`. Returns how many are damaged; all of them where it does not open. */
async function damagedDocuments(disk: MemoryDisk, sealer = testSealer): Promise<number> {
  let damaged = 0
  try {
    await using engine = await openTestEngine(memoryPageStore({ database }, disk), {
      sealer: sealer(),
    })
    for (const key of keys)
      try {
        const value = engine.read((reader) => reader.get(1, key))
        assert.equal(value?.toString(), contentOf(key, 2), key)
      } catch (error) {
        if (!hasCode(error, 'DatabaseDamaged')) throw error
        damaged += 1
      }
    return damaged
  } catch (error) {
    if (!hasCode(error, 'DatabaseDamaged')) throw error
    return keys.length
  }
}

for (const [name, sealer] of [
  ['an encrypted', testSealer],
  ['a plain', testPlainSealer],
] as const) {
  test(`a flipped bit in any page of ${name} database is found where it matters, and is never wrong data`, async () => {
    const { now } = await disks(sealer)
    let found = 0
    const pages = [...now.slots.keys()]
    for (const [index, page] of pages.entries()) {
      if (index % 3 !== 0) continue
      const copy = now.copy()
      const slot = copy.slots.get(page) as Buffer
      const byte = (index * 7919) % slot.length
      slot[byte] = (slot[byte] as number) ^ (1 << (index % 8))
      const { problems } = await checkStore({
        store: memoryPageStore({ database }, copy),
        sealer: sealer(),
      })
      if (index % 30 === 0 && (await damagedDocuments(copy, sealer)) > 0) {
        found += 1
        assert.ok(problems.length > 0)
      }
      // What is not found lies on the free list: nobody reads it again.
      if (problems.length > 0) assert.match(problems.join(), new RegExp(`page ${page} of tree`))
    }
    assert.ok(found > 3)
  })
}

test('a flipped bit in the root record is found before anything is written', async () => {
  const { now } = await disks()
  for (let bit = 0; bit < (now.root?.length ?? 0) * 8; bit += 29) {
    const copy = now.copy()
    const root = copy.root as Buffer
    root[bit >> 3] = (root[bit >> 3] as number) ^ (1 << (bit & 7))
    const before = copy.copy()
    assert.equal(await damagedDocuments(copy), keys.length)
    assert.deepEqual(copy, before)
  }
})

test('an older page, authentic in itself, is found in the place of any newer one', async () => {
  const { old, now } = await disks()
  const oldPages = [...old.slots]
  let placed = 0
  for (const [index, page] of [...now.slots.keys()].entries()) {
    if (old.slots.has(page) || index % 9 !== 0) continue
    const copy = now.copy()
    const [, bytes] = oldPages[index % oldPages.length] as [number, Buffer]
    copy.slots.set(page, Buffer.from(bytes))
    assert.ok((await damagedDocuments(copy)) > 0, `page ${page}`)
    placed += 1
  }
  assert.ok(placed > 10)
})

test('a page of a commit that was discarded is found under the same number of the commit that followed', async () => {
  const disk = new MemoryDisk()
  let discarded: readonly { page: number; bytes: Buffer }[] = []
  let fails = false
  const store = memoryPageStore(
    {
      database,
      beforeCommit: ({ pages }) => {
        if (!fails) return
        discarded = pages.map(({ page, bytes }) => ({ page, bytes: Buffer.from(bytes) }))
        throw new Error('discarded')
      },
    },
    disk,
  )
  const engine = await openTestEngine(store)
  const write = (version: number) =>
    engine.submit({ changes: keys.map((key) => ({ key, value: contentOf(key, version) })) })
  fails = true
  await assert.rejects(write(1), /discarded/)
  fails = false
  await write(2)
  await engine.close()
  assert.equal(await damagedDocuments(disk), 0)
  for (const { page, bytes } of discarded.slice(0, 40)) {
    const copy = disk.copy()
    assert.ok(copy.slots.has(page))
    copy.slots.set(page, bytes)
    assert.ok((await damagedDocuments(copy)) > 0, `page ${page}`)
  }
})

test('two pages that change places are found', async () => {
  const { now } = await disks()
  const { problems } = await checkStore({
    store: memoryPageStore({ database }, now),
    sealer: testSealer(),
  })
  assert.deepEqual(problems, [])
  const reached = [...now.slots.keys()].slice(-40)
  for (const [index, page] of reached.entries()) {
    const other = reached[(index + 7) % reached.length] as number
    const copy = now.copy()
    copy.slots.set(page, now.slots.get(other) as Buffer)
    copy.slots.set(other, now.slots.get(page) as Buffer)
    assert.ok((await damagedDocuments(copy)) > 0, `pages ${page} and ${other}`)
  }
})

test('an older root over newer pages does not open what is gone', async () => {
  const { old, now } = await disks()
  now.root = old.root
  for (const page of old.slots.keys()) if (page % 2 === 0) now.slots.delete(page)
  assert.ok((await damagedDocuments(now)) > 0)
})

test('a page that is missing is found, by its name', async () => {
  const { now } = await disks()
  const page = Math.max(...now.slots.keys())
  now.slots.delete(page)
  const { problems } = await checkStore({
    store: memoryPageStore({ database }, now),
    sealer: testSealer(),
  })
  assert.match(problems.join(), new RegExp(`page ${page} of tree \\d+ is missing`))
})
