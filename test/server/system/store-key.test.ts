import assert from 'node:assert/strict'
import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { readStoreKey, type StoreKeyFile, writeStoreKey } from '#server/system/store-key.ts'
import { hasCode } from '#shared/errors.ts'
import { temporaryFolder } from '#test/support/storage.ts'

const content: StoreKeyFile = {
  format: 1,
  storeId: 'AAAAAAAAAAAAAAAAAAAAAA',
  state: 'creating',
  keys: [{ id: '00', epoch: 1, wrappedBy: '11', sealed: 'AAAA' }],
}

test('readStoreKey() reads what writeStoreKey() wrote, for our eyes only', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'store.key')
  assert.equal(await readStoreKey(path), undefined)
  await writeStoreKey(path, content)
  await writeStoreKey(path, { ...content, state: 'ready' })
  assert.deepEqual(await readStoreKey(path), { ...content, state: 'ready' })
  assert.equal((await stat(path)).mode & 0o777, 0o600)
})

const damaged: readonly [string, string][] = [
  ['nothing', ''],
  ['half a file', JSON.stringify(content).slice(0, 60)],
  ['another format', JSON.stringify({ ...content, format: 2 })],
  ['no keys', JSON.stringify({ ...content, keys: [] })],
  ['an unknown state', JSON.stringify({ ...content, state: 'done' })],
]
for (const [what, text] of damaged) {
  test(`readStoreKey() calls ${what} damage and names the file`, async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'store.key')
    await writeFile(path, text)
    const refusal = (error: unknown): boolean =>
      hasCode(error, 'ServerStoreKeyDamaged') && error.message.includes(path)
    await assert.rejects(readStoreKey(path), refusal)
  })
}
