import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryDisk, memoryPageStore } from '#server/storage/page-store/memory.ts'
import { hasCode } from '#shared/errors.ts'
import { pageStoreContract } from '#test/contract/page-store.contract.ts'

pageStoreContract('memoryPageStore()', async () => {
  const disk = new MemoryDisk()
  return {
    open: () => memoryPageStore({ database: 'test' }, disk),
    [Symbol.asyncDispose]: async () => undefined,
  }
})

const first = {
  pages: [{ page: 1, bytes: Buffer.alloc(100, 1) }],
  freed: [],
  root: Buffer.from('one'),
  expectedRoot: undefined,
}

test('memoryPageStore() rejects with DiskFull what does not fit its quota, and keeps what was there', async () => {
  const store = memoryPageStore({ database: 'test', quotaBytes: 150 })
  await store.commit(first)
  const more = {
    ...first,
    pages: [{ page: 2, bytes: Buffer.alloc(100) }],
    expectedRoot: first.root,
  }
  await assert.rejects(store.commit(more), (error) => hasCode(error, 'DiskFull'))
  assert.equal(store.read(2), undefined)
  await store.commit({ ...more, freed: [1] })
  assert.equal(store.read(1), undefined)
})

test('memoryPageStore() lets a test throw what a disk would', async () => {
  const store = memoryPageStore({
    database: 'test',
    beforeCommit: () => {
      throw new Error('no such device')
    },
  })
  await assert.rejects(store.commit(first), /no such device/)
  assert.equal(store.readRoot(), undefined)
})

test('MemoryDisk.copy() stands on its own', async () => {
  const disk = new MemoryDisk()
  await memoryPageStore({ database: 'test' }, disk).commit(first)
  const copy = disk.copy()
  disk.slots.get(1)?.fill(0)
  assert.deepEqual(copy.slots.get(1), first.pages[0]?.bytes)
  assert.deepEqual(copy.root, first.root)
})
