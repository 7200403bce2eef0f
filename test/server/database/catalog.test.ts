import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { hasCode } from '#shared/errors.ts'
import { folderOf, foldersOf, posted, put, startCatalog, textOf } from '#test/support/catalog.ts'
import { temporaryFolder } from '#test/support/storage.ts'

const refusal = (code: string) => (error: unknown) => hasCode(error, code)

// ── creating and opening ──

test('Catalog serves a database again after a restart, under its name in any case', async () => {
  await using folder = await temporaryFolder()
  {
    await using start = await startCatalog(folder.path)
    const { found } = await start.catalog.create(posted('Orders'))
    assert.deepEqual(
      [found.record.name, found.record.encrypted, found.record.state],
      ['Orders', true, 'ready'],
    )
    await put(start.catalog, 'orders', 'a/1', 'kept')
  }
  await using start = await startCatalog(folder.path)
  assert.equal(await textOf(start.catalog, 'ORDERS', 'a/1'), 'kept')
  assert.equal((await start.catalog.open('oRders')).name, 'Orders')
})

test('Catalog names folders by id, for our eyes only, and writes no name of a database anywhere', async () => {
  await using folder = await temporaryFolder()
  {
    await using start = await startCatalog(folder.path)
    await start.catalog.create(posted('canary-4711'))
    await put(start.catalog, 'canary-4711', 'a/1')
  }
  const path = await folderOf(folder.path)
  assert.match(path, /\/[0-9a-f]{32}$/)
  assert.equal((await stat(path)).mode & 0o777, 0o700)
  const entries = await readdir(folder.path, { recursive: true, withFileTypes: true })
  for (const entry of entries) {
    assert.doesNotMatch(entry.name, /canary/)
    if (!entry.isFile()) continue
    const bytes = await readFile(join(entry.parentPath, entry.name))
    assert.equal(bytes.includes('canary-4711'), false, entry.name)
  }
})

test('Catalog refuses a second database of the same name, in any case', async () => {
  await using start = await startCatalog()
  await start.catalog.create(posted('Orders'))
  for (const name of ['Orders', 'orders', 'ORDERS']) {
    await assert.rejects(start.catalog.create(posted(name)), refusal('DatabaseExists'))
  }
})

test('Catalog lets one of many creations of the same name win', async () => {
  await using start = await startCatalog()
  const names = ['orders', 'Orders', 'ORDERS', 'orderS']
  const outcomes = await Promise.allSettled(names.map((name) => start.catalog.create(posted(name))))
  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
  assert.equal(start.catalog.list().length, 1)
})

test('Catalog opens a database once for all who ask at the same time', async () => {
  await using folder = await temporaryFolder()
  {
    await using start = await startCatalog(folder.path)
    await start.catalog.create(posted('orders'))
  }
  await using start = await startCatalog(folder.path)
  const opened = await Promise.all([...Array(10)].map(() => start.catalog.open('orders')))
  assert.equal(new Set(opened).size, 1)
})

test('Catalog says that a database does not exist', async () => {
  await using start = await startCatalog()
  for (const name of ['orders', '', '..', 'System']) {
    await assert.rejects(start.catalog.open(name), refusal('DatabaseDoesNotExist'))
  }
})

test('Catalog answers a creation that is repeated under its id as it did before', async () => {
  await using start = await startCatalog()
  const request = { id: 'a-b-c', wish: ['create', 'orders'] }
  const first = await start.catalog.create(posted('orders'), request)
  const again = await start.catalog.create(posted('orders'), request)
  assert.deepEqual([again.index, again.found.record.id], [first.index, first.found.record.id])
  const other = start.catalog.create(posted('orders'), { id: 'd-e-f', wish: ['create', 'orders'] })
  await assert.rejects(other, refusal('DatabaseExists'))
})

test('Catalog does not delete a database that was made again when its deletion is repeated', async () => {
  await using start = await startCatalog()
  const request = { id: 'a-b-c', wish: ['delete', 'orders'] }
  await start.catalog.create(posted('orders'))
  const index = await start.catalog.delete('orders', { hard: true, request })
  await start.catalog.create(posted('orders'))
  assert.equal(await start.catalog.delete('orders', { hard: true, request }), index)
  assert.notEqual(start.catalog.find('orders'), undefined)
})

// ── encryption ──

test('Catalog uses the key that was posted, and uses it up', async () => {
  const key = randomBytes(32)
  await using start = await startCatalog()
  await start.postKey('ORDERS', key)
  await start.catalog.create(posted('orders', { Encrypted: true }))
  // Only the same key is taken as the one that is held.
  await start.postKey('orders', key)
  await assert.rejects(start.postKey('orders', randomBytes(32)), refusal('SecretTaken'))
})

test('Catalog makes a plain database only where it is told to, and gives up a key posted for it', async () => {
  await using folder = await temporaryFolder()
  await using start = await startCatalog(folder.path)
  await start.postKey('orders', randomBytes(32))
  const { found } = await start.catalog.create(posted('orders', { Encrypted: false }))
  assert.deepEqual([found.record.encrypted, found.record.keys], [false, []])
  await put(start.catalog, 'orders', 'canary-4711')
  assert.equal((await start.catalog.open('orders')).isEncrypted, false)
  const pages = await readFile(join(await folderOf(folder.path), 'pages.mdb'))
  assert.equal(pages.includes('canary-4711'), true)
})

test('Catalog makes no plain database where encryption is required', async () => {
  await using start = await startCatalog(undefined, { encryptionRequired: true })
  const plain = start.catalog.create(posted('orders', { Encrypted: false }))
  await assert.rejects(plain, refusal('EncryptionRequired'))
  await start.catalog.create(posted('orders'))
})

test('Catalog makes no encrypted database on a server without HTTPS', async () => {
  await using start = await startCatalog(undefined, { secured: false })
  const encrypted = start.catalog.create(posted('orders', { Encrypted: true }))
  await assert.rejects(encrypted, refusal('EncryptionNeedsHttps'))
  const { found } = await start.catalog.create(posted('orders'))
  assert.equal(found.record.encrypted, false)
  await using strict = await startCatalog(undefined, { secured: false, encryptionRequired: true })
  await assert.rejects(strict.catalog.create(posted('orders')), refusal('EncryptionRequired'))
})

test('Catalog never turns encryption on or off', async () => {
  await using start = await startCatalog()
  for (const encrypted of [true, false]) {
    const name = `orders-${encrypted}`
    const { found } = await start.catalog.create(posted(name, { Encrypted: encrypted }))
    const turned = posted(name, { Encrypted: !encrypted })
    const changing = start.catalog.change(turned, String(found.version))
    await assert.rejects(changing, refusal('EncryptionCannotChange'))
    await start.catalog.delete(name, { hard: false })
    await assert.rejects(start.catalog.create(turned), refusal('EncryptionCannotChange'))
    const again = await start.catalog.create(posted(name))
    assert.equal(again.found.record.encrypted, encrypted)
  }
})

// ── changing ──

test('Catalog changes a record only from the state that its caller read', async () => {
  await using start = await startCatalog()
  const { found } = await start.catalog.create(posted('orders', { Foo: 1 }))
  const wanted = posted('ORDERS', { Foo: 2, Settings: { 'Query.RegexTimeoutInMs': '5' } })
  const changed = await start.catalog.change(wanted, String(found.version))
  const { name, kept, settings } = changed.found.record
  assert.deepEqual(
    [name, kept, settings],
    ['orders', { Foo: 2 }, { 'Query.RegexTimeoutInMs': '5' }],
  )
  for (const etag of [String(found.version), '', 'undefined', '0']) {
    await assert.rejects(start.catalog.change(wanted, etag), refusal('DatabaseRecordChanged'))
  }
  await assert.rejects(start.catalog.change(posted('other'), '1'), refusal('DatabaseDoesNotExist'))
})

test('Catalog replaces settings', async () => {
  await using start = await startCatalog()
  await start.catalog.create(posted('orders', { Settings: { 'Query.RegexTimeoutInMs': '5' } }))
  await start.catalog.configure('ORDERS', { 'Indexing.MapBatchSize': '1' })
  assert.deepEqual(start.catalog.find('orders')?.record.settings, { 'Indexing.MapBatchSize': '1' })
  await assert.rejects(start.catalog.configure('other', {}), refusal('DatabaseDoesNotExist'))
})

test('Catalog closes a disabled database for everybody, and opens it again when enabled', async () => {
  await using start = await startCatalog()
  await start.catalog.create(posted('orders'))
  await put(start.catalog, 'orders', 'a/1', 'kept')
  const held = await start.catalog.open('orders')
  assert.equal((await start.catalog.setDisabled('ORDERS', true))?.found.record.disabled, true)
  await assert.rejects(start.catalog.open('orders'), refusal('DatabaseDisabled'))
  await assert.rejects(held.put('a/2', Buffer.from('{}'), undefined), refusal('DatabaseClosed'))
  await start.catalog.setDisabled('orders', true)
  await start.catalog.setDisabled('orders', false)
  assert.equal(await textOf(start.catalog, 'orders', 'a/1'), 'kept')
  assert.equal(await start.catalog.setDisabled('other', true), undefined)
})

test('Catalog creates a database that is disabled from the beginning', async () => {
  await using start = await startCatalog()
  await start.catalog.create(posted('orders', { Disabled: true }))
  await assert.rejects(start.catalog.open('orders'), refusal('DatabaseDisabled'))
  await start.catalog.setDisabled('orders', false)
  await put(start.catalog, 'orders', 'a/1')
})

// ── deleting ──

test('Catalog gives a soft-deleted database back to who creates it again', async () => {
  await using folder = await temporaryFolder()
  {
    await using start = await startCatalog(folder.path)
    await start.catalog.create(posted('orders'))
    await put(start.catalog, 'orders', 'a/1', 'kept')
    assert.equal(typeof (await start.catalog.delete('ORDERS', { hard: false })), 'number')
    await assert.rejects(start.catalog.open('orders'), refusal('DatabaseDoesNotExist'))
    assert.equal(await start.catalog.delete('orders', { hard: true }), undefined)
  }
  await using start = await startCatalog(folder.path)
  assert.deepEqual(start.catalog.list(), [])
  await start.catalog.create(posted('Orders'))
  assert.equal(await textOf(start.catalog, 'orders', 'a/1'), 'kept')
})

test('Catalog leaves nothing of a hard-deleted database', async () => {
  await using folder = await temporaryFolder()
  await using start = await startCatalog(folder.path)
  const { found } = await start.catalog.create(posted('orders'))
  await put(start.catalog, 'orders', 'a/1')
  await start.anchors.flush()
  await start.catalog.delete('orders', { hard: true })
  assert.deepEqual(await readdir(foldersOf(folder.path)), [])
  assert.equal(start.anchors.find(found.record.id), undefined)
  await start.catalog.create(posted('orders'))
  assert.equal(await textOf(start.catalog, 'orders', 'a/1'), undefined)
  assert.notEqual(start.catalog.find('orders')?.record.id, found.record.id)
})

// ── owner and end ──

test('Catalog serves a database whose anchor is behind, as after a crash', async () => {
  await using folder = await temporaryFolder()
  {
    await using start = await startCatalog(folder.path)
    await start.catalog.create(posted('orders'))
    const { id } = start.catalog.find('orders')?.record ?? { id: '' }
    await start.anchors.flush()
    const anchor = start.anchors.find(id)
    await put(start.catalog, 'orders', 'a/1', 'kept')
    await start.catalog.close()
    assert.notDeepEqual(start.anchors.find(id), anchor)
    await start.store.system.write([{ ...start.anchors.dropping(id), record: anchor }])
  }
  await using start = await startCatalog(folder.path)
  assert.equal(await textOf(start.catalog, 'orders', 'a/1'), 'kept')
})

test('Catalog notices that another process opened the same folder', async () => {
  await using folder = await temporaryFolder()
  const first = await startCatalog(folder.path)
  await first.catalog.create(posted('orders'))
  await put(first.catalog, 'orders', 'a/1')
  first.catalog.verifyOwners()
  {
    await using second = await startCatalog(folder.path)
    await put(second.catalog, 'orders', 'a/2', 'second')
    assert.throws(() => first.catalog.verifyOwners(), refusal('DataDirectoryTaken'))
    await assert.rejects(put(first.catalog, 'orders', 'a/3'), refusal('DataDirectoryTaken'))
  }
  await assert.rejects(first.crash(), refusal('DataDirectoryTaken'))
})

test('Catalog opens nothing once it closes, and leaves nothing open', async () => {
  await using folder = await temporaryFolder()
  await using start = await startCatalog(folder.path)
  for (const name of ['a', 'b', 'c']) await start.catalog.create(posted(name))
  const closing = start.catalog.close()
  await assert.rejects(start.catalog.create(posted('later')), refusal('DatabaseClosed'))
  await closing
  await assert.rejects(start.catalog.open('a'), refusal('DatabaseClosed'))
  assert.equal(start.catalog.state('a').open, undefined)
})

test('Catalog in memory keeps a database that is disabled for a while, and nothing of a deleted one', async () => {
  await using start = await startCatalog()
  await start.catalog.create(posted('orders'))
  await put(start.catalog, 'orders', 'a/1', 'kept')
  await start.catalog.setDisabled('orders', true)
  await start.catalog.setDisabled('orders', false)
  assert.equal(await textOf(start.catalog, 'orders', 'a/1'), 'kept')
  await start.catalog.delete('orders', { hard: true })
  await start.catalog.create(posted('orders'))
  assert.equal(await textOf(start.catalog, 'orders', 'a/1'), undefined)
})

test('Catalog takes a creation back that failed, and a later one succeeds', async () => {
  await using folder = await temporaryFolder()
  await using start = await startCatalog(folder.path)
  await writeFile(foldersOf(folder.path), 'in the way')
  await assert.rejects(start.catalog.create(posted('orders')), refusal('DataFileForeign'))
  assert.equal(start.catalog.find('orders'), undefined)
  await rm(foldersOf(folder.path))
  await start.catalog.create(posted('orders'))
})
