import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { cp, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadFailure } from '#server/database/open-databases.ts'
import { errors } from '#server/errors.ts'
import { hasCode } from '#shared/errors.ts'
import { folderOf, posted, put, startCatalog, textOf } from '#test/support/catalog.ts'
import { temporaryFolder } from '#test/support/storage.ts'

const refusal = (code: string) => (error: unknown) => hasCode(error, code)

interface Harm {
  readonly what: string
  readonly code: string
  readonly harm: (folder: string) => Promise<void>
}

const harms: readonly Harm[] = [
  {
    what: 'whose folder is gone',
    code: 'DatabaseFilesMissing',
    harm: (folder) => rm(folder, { recursive: true }),
  },
  {
    what: 'whose file is empty',
    code: 'DatabaseFilesMissing',
    harm: (folder) => truncate(join(folder, 'pages.mdb'), 0),
  },
  {
    what: 'whose file is cut off',
    code: 'DatabaseDamaged',
    harm: (folder) => truncate(join(folder, 'pages.mdb'), 3 * 8192),
  },
  {
    what: 'whose file is something else',
    code: 'DatabaseDamaged',
    harm: (folder) => writeFile(join(folder, 'pages.mdb'), randomBytes(65_536)),
  },
]
for (const { what, code, harm } of harms) {
  test(`OpenDatabases quarantines a database ${what}, and serves the others`, async () => {
    await using folder = await temporaryFolder()
    {
      await using start = await startCatalog(folder.path)
      await start.catalog.create(posted('orders'))
      await put(start.catalog, 'orders', 'a/1')
    }
    await harm(await folderOf(folder.path))
    await using start = await startCatalog(folder.path)
    await start.catalog.create(posted('healthy'))
    await start.catalog.openAll()
    for (let n = 0; n < 2; n += 1) {
      await assert.rejects(start.catalog.open('orders'), (error) => {
        assert.ok(hasCode(error, code), String(error))
        assert.equal(error.status, 503)
        assert.match(error.type, /DatabaseLoadFailureException$/)
        return true
      })
    }
    assert.equal(start.events.filter(({ kind }) => kind === 'failed').length, 1)
    assert.ok(hasCode(start.catalog.state('orders').quarantine, code))
    await put(start.catalog, 'healthy', 'a/1', 'served')
    assert.equal(await textOf(start.catalog, 'healthy', 'a/1'), 'served')
    await start.catalog.delete('orders', { hard: true })
    await start.catalog.create(posted('orders'))
  })
}

/** Puts the folder of a database back as it was `writes` writes ago. */
async function rollBack(data: string, writes: number): Promise<void> {
  {
    await using start = await startCatalog(data)
    await start.catalog.create(posted('orders'))
    await put(start.catalog, 'orders', 'a/1', 'old')
  }
  const path = await folderOf(data)
  await cp(path, `${data}/copy`, { recursive: true })
  {
    await using start = await startCatalog(data)
    await start.catalog.open('orders')
    for (let n = 0; n < writes; n += 1) await put(start.catalog, 'orders', 'a/1', `new ${n}`)
  }
  await rm(path, { recursive: true })
  await cp(`${data}/copy`, path, { recursive: true })
}

for (const writes of [0, 1, 5]) {
  test(`OpenDatabases quarantines a database put back from before ${writes} writes, until an administrator accepts that`, async () => {
    await using folder = await temporaryFolder()
    await rollBack(folder.path, writes)
    // Neither restarts nor enabling wear the refusal out.
    for (let starts = 0; starts < 4; starts += 1) {
      await using start = await startCatalog(folder.path)
      await assert.rejects(start.catalog.open('orders'), refusal('DatabaseRolledBack'))
      await start.catalog.setDisabled('orders', false)
      await assert.rejects(start.catalog.open('orders'), refusal('DatabaseRolledBack'))
    }
    {
      await using start = await startCatalog(folder.path)
      await start.catalog.acceptRollback('ORDERS')
      assert.equal(await textOf(start.catalog, 'orders', 'a/1'), 'old')
      await put(start.catalog, 'orders', 'a/1', 'newer')
    }
    await using start = await startCatalog(folder.path)
    assert.equal(await textOf(start.catalog, 'orders', 'a/1'), 'newer')
  })
}

test('OpenDatabases accepts no older state of a database that is as it should be, or is not there', async () => {
  await using start = await startCatalog()
  await start.catalog.create(posted('orders'))
  await assert.rejects(start.catalog.acceptRollback('orders'), refusal('DatabaseNotRolledBack'))
  await assert.rejects(start.catalog.acceptRollback('other'), refusal('DatabaseDoesNotExist'))
})

test('OpenDatabases quarantines the folder of another database put in place of its own', async () => {
  await using folder = await temporaryFolder()
  await using other = await temporaryFolder()
  for (const { path } of [folder, other]) {
    await using start = await startCatalog(path)
    await start.catalog.create(posted('orders'))
  }
  const path = await folderOf(folder.path)
  await rm(path, { recursive: true })
  await cp(await folderOf(other.path), path, { recursive: true })
  await using start = await startCatalog(folder.path)
  await assert.rejects(start.catalog.open('orders'), refusal('DatabaseDamaged'))
})

test('loadFailure() makes a failure to load out of what the system says, and nothing out of our mistakes', () => {
  const full = Object.assign(new Error('ENOSPC: no space'), { code: 'ENOSPC' })
  assert.ok(hasCode(loadFailure('orders', full), 'DatabaseNotOpened'))
  const damaged = loadFailure('orders', errors.DatabaseDamaged('orders', 'page 1'))
  assert.deepEqual([damaged?.code, damaged?.status], ['DatabaseDamaged', 503])
  assert.equal(loadFailure('orders', new TypeError('x is not a function')), undefined)
  assert.equal(loadFailure('orders', new assert.AssertionError({ message: 'no' })), undefined)
})
