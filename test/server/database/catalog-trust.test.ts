/** A catalog on files that are not as they were left: older, gone, or changed under it. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { cp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { Type } from 'typebox'
import { databaseFolderName } from '#server/system/databases.ts'
import { defineSystemTable } from '#server/system/table.ts'
import { hasCode } from '#shared/errors.ts'
import {
  foldersOf,
  posted,
  put,
  startCatalog,
  type TestCatalog,
  textOf,
} from '#test/support/catalog.ts'
import { temporaryFolder } from '#test/support/storage.ts'

const refusal = (code: string) => (error: unknown) => hasCode(error, code)
const notes = defineSystemTable('audit', Type.Object({ text: Type.String() }))

// ── an older server store ──

/** A database, and a copy of the server store from before `change`. */
async function olderStore(change: (start: TestCatalog) => Promise<unknown>) {
  const folder = await temporaryFolder()
  const system = join(folder.path, 'data', 'system')
  {
    await using start = await startCatalog(folder.path)
    await start.catalog.create(posted('orders'))
  }
  await cp(system, `${folder.path}/copy`, { recursive: true })
  {
    await using start = await startCatalog(folder.path)
    await start.catalog.openAll()
    await change(start)
  }
  await rm(system, { recursive: true })
  await cp(`${folder.path}/copy`, system, { recursive: true })
  return { path: folder.path, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}

/** What the message of the refusal has people run. */
async function accept(refused: Promise<unknown>): Promise<void> {
  const error = await refused.then(
    () => assert.fail('it was not refused'),
    (thrown: unknown) => thrown,
  )
  assert.ok(hasCode(error, 'StoreRolledBack'), String(error))
  const [, text = '', file = ''] = /echo '(.+)' > '(.+)'$/.exec(error.message) ?? []
  await writeFile(file, `${text}\n`)
}

test('Catalog on an older server store is StoreRolledBack, until that copy is accepted on the machine, once', async () => {
  await using older = await olderStore(async ({ catalog, store }) => {
    await store.system.write([{ table: notes, key: 'certificate', record: { text: 'deleted' } }])
    await catalog.recordStoreCommit()
  })
  const acceptance = join(older.path, 'data', 'accept-older-store')
  await assert.rejects(startCatalog(older.path), refusal('StoreRolledBack'))
  await writeFile(acceptance, 'yes')
  await accept(startCatalog(older.path))
  {
    await using start = await startCatalog(older.path)
    assert.ok((start.store.accepted?.commit ?? 0) > 0)
    assert.equal(existsSync(acceptance), false)
    await start.catalog.open('orders')
  }
  {
    await using start = await startCatalog(older.path)
    assert.equal(start.store.accepted, undefined)
  }
  await rm(join(older.path, 'data', 'system'), { recursive: true })
  await cp(`${older.path}/copy`, join(older.path, 'data', 'system'), { recursive: true })
  await assert.rejects(startCatalog(older.path), refusal('StoreRolledBack'))
})

test('Catalog on a server store that does not know a database beside it is StoreRolledBack, and goes on once that is accepted', async () => {
  await using older = await olderStore(({ catalog }) => catalog.create(posted('younger')))
  await accept(startCatalog(older.path))
  for (const round of [1, 2]) {
    await using start = await startCatalog(older.path)
    assert.equal(start.catalog.list().length, 1, `start ${round}`)
    assert.equal(start.store.accepted?.strangers.length, round === 1 ? 1 : undefined)
  }
})

test('Catalog whose server store is gone is StoreMissing, and writes nothing', async () => {
  await using folder = await temporaryFolder()
  {
    await using start = await startCatalog(folder.path)
    await start.catalog.create(posted('orders'))
  }
  await rm(join(folder.path, 'data', 'system'), { recursive: true })
  const before = await readdir(folder.path, { recursive: true })
  await assert.rejects(startCatalog(folder.path), refusal('StoreMissing'))
  assert.deepEqual(await readdir(folder.path, { recursive: true }), before)
})

test('Catalog has idle databases write down a commit of the server store, once, and anchors do not count', async () => {
  await using start = await startCatalog()
  await start.catalog.create(posted('orders'))
  const commits = () => start.catalog.figures.engines[0]?.commits ?? 0
  await start.catalog.recordStoreCommit()
  const before = commits()
  await start.anchors.flush()
  await start.catalog.recordStoreCommit()
  assert.equal(commits(), before)
  await start.store.system.write([{ table: notes, key: 'a', record: { text: 'b' } }])
  await start.catalog.recordStoreCommit()
  await start.catalog.recordStoreCommit()
  assert.equal(commits(), before + 1)
})

test('Catalog.acceptRollback() gives the database another id, so that no etag of before stands for something else', async () => {
  await using folder = await temporaryFolder()
  const databases = foldersOf(folder.path)
  {
    await using start = await startCatalog(folder.path)
    await start.catalog.create(posted('orders'))
    await put(start.catalog, 'orders', 'a/1', 'old')
  }
  await cp(databases, `${folder.path}/copy`, { recursive: true })
  let seen: string | undefined
  {
    await using start = await startCatalog(folder.path)
    await put(start.catalog, 'orders', 'a/1', 'lost')
    seen = (await start.catalog.open('orders')).version('a/1')
  }
  await rm(databases, { recursive: true })
  await cp(`${folder.path}/copy`, databases, { recursive: true })
  for (const round of [1, 2]) {
    await using start = await startCatalog(folder.path)
    if (round === 1) await start.catalog.acceptRollback('orders')
    const database = await start.catalog.open('orders')
    await put(start.catalog, 'orders', 'a/1', `new ${round}`)
    assert.notEqual(database.version('a/1'), seen)
    assert.notEqual(database.version('a/1')?.split('-')[1], seen?.split('-')[1])
  }
})

// ── damage under a running server ──

test('Catalog closes a database whose file was deleted or exchanged under it, and serves the others', async () => {
  for (const exchange of [false, true]) {
    await using folder = await temporaryFolder()
    await using start = await startCatalog(folder.path)
    for (const name of ['orders', 'other']) await start.catalog.create(posted(name))
    const { id = '' } = start.catalog.find('orders')?.record ?? {}
    const file = join(foldersOf(folder.path), databaseFolderName(id), 'pages.mdb')
    if (exchange) await cp(file, `${file}.copy`).then(() => rename(`${file}.copy`, file))
    else await rm(file)
    await assert.rejects(put(start.catalog, 'orders', 'a/1'), refusal('DataFileGone'))
    start.catalog.verifyOwners()
    await put(start.catalog, 'other', 'a/1', 'kept')
    await assert.rejects(start.catalog.open('orders'), refusal('DataFileGone'))
    assert.equal(start.catalog.figures.quarantined, 1)
    const events = start.events.filter(({ kind }) => kind === 'lost')
    assert.deepEqual(
      events.map(({ name }) => name),
      ['orders'],
    )
  }
})

test('Catalog quarantines one database whose root was damaged under it, as DatabaseDamaged and not as taken', async () => {
  await using folder = await temporaryFolder()
  await using start = await startCatalog(folder.path)
  for (const name of ['orders', 'other']) await start.catalog.create(posted(name))
  const { id = '' } = start.catalog.find('orders')?.record ?? {}
  const file = join(foldersOf(folder.path), databaseFolderName(id), 'pages.mdb')
  const bytes = await readFile(file)
  bytes.fill(0xff, 2 * 8192)
  await writeFile(file, bytes)
  start.catalog.verifyOwners()
  await put(start.catalog, 'other', 'a/1', 'kept')
  await assert.rejects(start.catalog.open('orders'), refusal('DatabaseDamaged'))
  assert.equal(start.catalog.state('orders').quarantine?.code, 'DatabaseDamaged')
})

test('Catalog opens a database anew whose file another program only touched, and checks it before', async () => {
  await using folder = await temporaryFolder()
  await using start = await startCatalog(folder.path)
  await start.catalog.create(posted('orders'))
  await put(start.catalog, 'orders', 'a/1', 'kept')
  const { id = '' } = start.catalog.find('orders')?.record ?? {}
  const file = join(foldersOf(folder.path), databaseFolderName(id), 'pages.mdb')
  await utimes(file, new Date(), new Date(2_000_000_000_000))
  await assert.rejects(put(start.catalog, 'orders', 'a/2'), refusal('DataFileChanged'))
  start.catalog.verifyOwners()
  assert.equal(await textOf(start.catalog, 'orders', 'a/1'), 'kept')
  await put(start.catalog, 'orders', 'a/2')
})
