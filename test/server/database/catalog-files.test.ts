import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { DatabaseFiles } from '#server/database/catalog-files.ts'
import { makeKey } from '#server/keys/key.ts'
import { KeyRing } from '#server/keys/ring.ts'
import { openLockedMemory } from '#server/seal/locked.ts'
import { PageCache } from '#server/storage/cache/page-cache.ts'
import { type DatabaseRecord, databaseFolderName } from '#server/system/databases.ts'
import { systemClock } from '#shared/clock.ts'
import { hasCode } from '#shared/errors.ts'
import { temporaryFolder } from '#test/support/storage.ts'

const opening = { anchor: undefined, damaged: () => assert.fail('nothing is damaged') }
const id = '/+//AAAAAAAAAAAAAAAAAA'

function setUp(folder: string | undefined) {
  const memory = openLockedMemory()
  const ring = new KeyRing(memory, makeKey(memory))
  const cache = new PageCache<never>(1024 * 1024)
  const files = new DatabaseFiles({
    folder,
    ring,
    memory,
    cache,
    clock: systemClock,
    storeCommit: () => 0,
  })
  const wrapped = ring.wrap(makeKey(memory), { purpose: 'database', owner: id, epoch: 1 })
  const record: DatabaseRecord = {
    ...{ name: 'orders', id, state: 'creating', disabled: false, encrypted: true },
    ...{ keys: [wrapped], createdAt: 0, topologyId: '', settings: {}, kept: {} },
  }
  return { files, record, memory }
}

test('DatabaseFiles makes files for a database that is being created, and for no other', async () => {
  await using folder = await temporaryFolder()
  const { files, record, memory } = setUp(folder.path)
  const missing = files.open({ ...record, state: 'ready' }, opening)
  await assert.rejects(missing, (error) => hasCode(error, 'DatabaseFilesMissing'))
  assert.deepEqual(await readdir(folder.path), [])
  for (const state of ['creating', 'creating', 'ready'] as const) {
    const engine = await files.open({ ...record, state }, opening)
    await engine.close()
  }
  assert.deepEqual(await readdir(folder.path), [databaseFolderName(id)])
  memory.close()
})

test('DatabaseFiles opens nothing with keys of another database', async () => {
  await using folder = await temporaryFolder()
  const { files, record, memory } = setUp(folder.path)
  const used = memory.usedBytes
  const foreign = { ...record, id: 'AAAAAAAAAAAAAAAAAAAAAA' }
  await assert.rejects(files.open(foreign, opening), (error) => hasCode(error, 'WrappedKeyDamaged'))
  assert.deepEqual(await readdir(folder.path), [])
  assert.equal(memory.usedBytes, used)
  memory.close()
})

test('DatabaseFiles wipes the keys of a database that does not open', async () => {
  await using folder = await temporaryFolder()
  const { files, record, memory } = setUp(folder.path)
  const used = memory.usedBytes
  await assert.rejects(files.open({ ...record, state: 'ready' }, opening))
  assert.equal(memory.usedBytes, used)
  memory.close()
})

test('DatabaseFiles removes one folder and nothing beside it', async () => {
  await using folder = await temporaryFolder()
  const { files, record, memory } = setUp(folder.path)
  await mkdir(join(folder.path, 'other'))
  await writeFile(join(folder.path, 'other', 'file'), 'x')
  await (await files.open(record, opening)).close()
  await files.remove(id)
  await files.remove(id)
  assert.deepEqual(await readdir(folder.path), ['other'])
  assert.ok(existsSync(join(folder.path, 'other', 'file')))
  memory.close()
})

test('DatabaseFiles removes nothing where there is no folder at all', async () => {
  await using folder = await temporaryFolder()
  const { files, memory } = setUp(join(folder.path, 'not there'))
  await files.remove(id)
  assert.deepEqual(await readdir(folder.path), [])
  memory.close()
})
