import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Purpose } from '#server/seal/sealer.ts'
import { openRoot } from '#server/storage/open-root.ts'
import { MemoryDisk, memoryPageStore } from '#server/storage/page-store/memory.ts'
import { openTestEngine, testSealer } from '#test/support/storage.ts'

const open = (disk: MemoryDisk, anchor?: { commit: number; rootTag: string }) =>
  openRoot({ store: memoryPageStore({ database: 'test' }, disk), sealer: testSealer(), anchor })

test('openRoot() of an empty store is the empty state', () => {
  const { root, sealed } = open(new MemoryDisk())
  assert.deepEqual([root.commit, root.nextPage, root.etag, root.trees.size], [0, 1, 0, 0])
  assert.equal(sealed, undefined)
})

test('openRoot() compares with the anchor: ahead and equal pass, behind and another tag do not', async () => {
  const disk = new MemoryDisk()
  const engine = await openTestEngine(memoryPageStore({ database: 'test' }, disk))
  await engine.submit({ changes: [{ key: 'a', value: '1' }] })
  const now = engine.position
  await engine.close()
  const rolledBack = { code: 'DatabaseRolledBack' }
  assert.equal(open(disk, now).root.commit, now.commit)
  assert.equal(open(disk, { ...now, commit: now.commit - 1 }).root.etag, 1)
  assert.throws(() => open(disk, { ...now, commit: now.commit + 1 }), rolledBack)
  assert.throws(() => open(disk, { ...now, rootTag: 'another' }), rolledBack)
  assert.throws(() => open(new MemoryDisk(), now), rolledBack)
})

test('openRoot() refuses a root record of another format', () => {
  const disk = new MemoryDisk()
  disk.root = testSealer().sealRecord(Purpose.Root, Buffer.alloc(512, 9))
  assert.throws(() => open(disk), { code: 'DatabaseDamaged' })
})
