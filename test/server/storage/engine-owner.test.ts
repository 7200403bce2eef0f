/** Becoming the owner of a database that another process still writes to. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryDisk, memoryPageStore } from '#server/storage/page-store/memory.ts'
import { openTestEngine } from '#test/support/storage.ts'

const database = 'test'

test('openEngine() looks again where the owner of until now freed pages that it was about to read', async () => {
  const disk = new MemoryDisk()
  await using earlier = await openTestEngine(memoryPageStore({ database }, disk))
  const write = (value: string) => earlier.submit({ changes: [{ key: 'a', value }] })
  for (let turns = 0; turns < 6; turns++) await write(`before ${turns}`)
  const store = memoryPageStore({ database }, disk)
  const root = store.readRoot.bind(store)
  const outdated = root()
  for (let turns = 0; turns < 6; turns++) await write(`after ${turns}`)
  let looks = 0
  store.readRoot = () => (looks++ === 0 ? outdated : root())
  await using later = await openTestEngine(store)
  assert.equal(
    later.read((reader) => reader.get(1, 'a')?.toString()),
    'after 5',
  )
  assert.ok(looks > 1)
  await assert.rejects(write('late'), { code: 'DataDirectoryTaken' })
})

test('openEngine() does not look again at damage that nobody changed', async () => {
  const disk = new MemoryDisk()
  const whole = await openTestEngine(memoryPageStore({ database }, disk))
  for (const value of ['1', '2', '3', '4', '5', '6'])
    await whole.submit({ changes: [{ key: 'a', value }] })
  await whole.close()
  const store = memoryPageStore({ database }, disk)
  store.read = () => undefined
  await assert.rejects(openTestEngine(store), { code: 'DatabaseDamaged' })
})
