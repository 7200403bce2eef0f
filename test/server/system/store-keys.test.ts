import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeKey, type SecretKey } from '#server/keys/key.ts'
import type { MasterKeys } from '#server/keys/master.ts'
import { KeyRing } from '#server/keys/ring.ts'
import { type LockedMemory, openLockedMemory } from '#server/seal/locked.ts'
import { readStoreKey, type StoreKeyFile, writeStoreKey } from '#server/system/store-key.ts'
import { StoreKeys, subjectOf } from '#server/system/store-keys.ts'
import { hasCode } from '#shared/errors.ts'
import { temporaryFolder } from '#test/support/storage.ts'

const storeId = 'AAAAAAAAAAAAAAAAAAAAAA'

function masters(...keys: [SecretKey, ...SecretKey[]]): MasterKeys {
  return {
    origin: '/keys',
    active: keys[0],
    find: (id) => keys.find((key) => key.id === id),
    ids: keys.map(({ id }) => id),
    [Symbol.dispose]: () => undefined,
  }
}

/** A key file whose two keys the first master key wraps. */
async function setUp() {
  const folder = await temporaryFolder()
  const memory = openLockedMemory()
  const [old, fresh, other] = [makeKey(memory), makeKey(memory), makeKey(memory)]
  using ring = new KeyRing(memory, old)
  const keys = [1, 2].map((epoch) => ring.wrap(makeKey(memory), subjectOf(storeId, epoch)))
  const content: StoreKeyFile = { format: 1, storeId, state: 'ready', keys }
  const file = join(folder.path, 'store.key')
  await writeStoreKey(file, content)
  return {
    ...{ memory, old, fresh, other, file, content, folder: folder.path },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

/** Ids of the keys in the file, as that master key opens them. */
async function opened(file: string, memory: LockedMemory, by: MasterKeys): Promise<string[]> {
  const content = (await readStoreKey(file)) as StoreKeyFile
  const keys = new StoreKeys({ file, content, memory }, by)
  const ids = keys.copies().map(({ key }) => key.id)
  keys.close()
  return ids
}

test('StoreKeys.rewrap() leaves the same keys under the active master key, after which the old one opens nothing and may go', async () => {
  await using here = await setUp()
  const { memory, old, fresh, file, content } = here
  const keys = new StoreKeys({ file, content, memory }, masters(old))
  assert.deepEqual(keys.use, { loaded: [old.id], needed: old.id, removable: [] })
  assert.equal(await keys.rewrap(masters(fresh, old)), true)
  assert.deepEqual(keys.use, { loaded: [fresh.id, old.id], needed: fresh.id, removable: [old.id] })
  assert.equal(await keys.rewrap(masters(fresh, old)), false)
  const ids = content.keys.map(({ id }) => id)
  assert.deepEqual(await opened(file, memory, masters(fresh)), ids)
  await assert.rejects(opened(file, memory, masters(old)), (error) =>
    hasCode(error, 'MasterKeyWrong'),
  )
  assert.equal(await keys.rewrap(masters(fresh)), false)
  assert.deepEqual(keys.use.removable, [])
})

test('StoreKeys.rewrap() takes no key for a rotation that comes without the one of before', async () => {
  await using here = await setUp()
  const { memory, old, other, file, content } = here
  const keys = new StoreKeys({ file, content, memory }, masters(old))
  const before = await readFile(file)
  await assert.rejects(keys.rewrap(masters(other)), (error) => hasCode(error, 'MasterKeyWrong'))
  assert.deepEqual(await readFile(file), before)
  assert.deepEqual(keys.use.loaded, [old.id])
})

test('StoreKeys.tidy() removes what a stopped rewrap left, and the file opens with the old key before its rename and the new one after', async () => {
  await using here = await setUp()
  const { memory, old, fresh, file, content } = here
  const keys = new StoreKeys({ file, content, memory }, masters(old))
  // Before the rename: the new content lies beside the file, whole or in part.
  await writeFile(`${file}.0123456789ab.new`, '{"format":1,')
  const ids = content.keys.map(({ id }) => id)
  assert.deepEqual(await opened(file, memory, masters(fresh, old)), ids)
  await keys.tidy()
  assert.deepEqual(await readdir(here.folder), ['store.key'])
  await keys.rewrap(masters(fresh, old))
  assert.deepEqual(await opened(file, memory, masters(fresh, old)), ids)
})
