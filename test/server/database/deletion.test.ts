import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { test } from 'node:test'
import { databaseTable } from '#server/system/databases.ts'
import { databaseKey } from '#shared/database-name.ts'
import { foldersOf, posted, put, startCatalog, textOf } from '#test/support/catalog.ts'
import { temporaryFolder } from '#test/support/storage.ts'

for (const step of ['marked', 'closed', 'removed', 'gone'] as const) {
  test(`deleteHard() that stopped after "${step}" is completed by the next start`, async () => {
    await using folder = await temporaryFolder()
    const stopped = await startCatalog(folder.path, {
      onStep: (reached) => {
        if (reached === step) throw new Error('stopped')
      },
    })
    await stopped.catalog.create(posted('orders'))
    await put(stopped.catalog, 'orders', 'a/1')
    await assert.rejects(stopped.catalog.delete('orders', { hard: true }), /stopped/)
    assert.equal(stopped.catalog.find('orders'), undefined)
    await stopped.crash()
    await using start = await startCatalog(folder.path)
    assert.deepEqual(await readdir(foldersOf(folder.path)), [])
    await start.catalog.create(posted('orders'))
    assert.equal(await textOf(start.catalog, 'orders', 'a/1'), undefined)
  })
}

test('deleteHard() gives up the keys before anything else, so that what is left cannot be read', async () => {
  await using start = await startCatalog(undefined, {
    onStep: (reached) => {
      if (reached === 'marked') throw new Error('stopped')
    },
  })
  await start.catalog.create(posted('orders'))
  await assert.rejects(start.catalog.delete('orders', { hard: true }), /stopped/)
  const left = start.store.system.get(databaseTable, databaseKey('orders'))
  assert.deepEqual([left?.record.state, left?.record.keys], ['deleting', []])
})

test('deleteSoft() keeps the keys', async () => {
  await using start = await startCatalog()
  const { found } = await start.catalog.create(posted('orders'))
  await start.catalog.delete('orders', { hard: false })
  const left = start.store.system.get(databaseTable, databaseKey('orders'))
  assert.deepEqual([left?.record.state, left?.record.keys], ['softDeleted', found.record.keys])
})
