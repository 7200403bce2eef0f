import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { folderOf, posted, put, startCatalog, textOf } from '#test/support/catalog.ts'
import { temporaryFolder } from '#test/support/storage.ts'

for (const step of ['recorded', 'made', 'ready'] as const) {
  test(`createDatabase() that stopped after "${step}" is completed by the next start`, async () => {
    await using folder = await temporaryFolder()
    const key = randomBytes(32)
    const stopped = await startCatalog(folder.path, {
      onStep: (reached) => {
        if (reached === step) throw new Error('stopped')
      },
    })
    await stopped.postKey('orders', key)
    await assert.rejects(stopped.catalog.create(posted('orders')), /stopped/)
    await stopped.crash()
    await using start = await startCatalog(folder.path)
    assert.equal(start.catalog.find('orders')?.record.state, 'ready')
    // It is the key that was posted.
    await start.postKey('orders', key)
    await put(start.catalog, 'orders', 'a/1', 'kept')
    assert.equal(await textOf(start.catalog, 'orders', 'a/1'), 'kept')
    await folderOf(folder.path)
  })
}

test('createDatabase() finishes a deletion of that name first', async () => {
  await using folder = await temporaryFolder()
  let stops = true
  await using start = await startCatalog(folder.path, {
    onStep: (reached) => {
      if (stops && reached === 'marked') throw new Error('stopped')
    },
  })
  await start.catalog.create(posted('orders'))
  await put(start.catalog, 'orders', 'a/1')
  await assert.rejects(start.catalog.delete('orders', { hard: true }), /stopped/)
  stops = false
  await start.catalog.create(posted('orders'))
  assert.equal(await textOf(start.catalog, 'orders', 'a/1'), undefined)
  await folderOf(folder.path)
})
