import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { test } from 'node:test'
import { takeKey } from '#server/keys/key.ts'
import { openLockedMemory } from '#server/seal/locked.ts'
import { openSystemEngine } from '#server/system/engine.ts'
import { systemClock } from '#shared/clock.ts'
import { hasCode } from '#shared/errors.ts'
import { temporaryFolder } from '#test/support/storage.ts'

const storeId = 'AAAAAAAAAAAAAAAAAAAAAA'

async function open(folder: string | undefined, fill = 1) {
  const memory = openLockedMemory()
  const keys = [{ epoch: 1, key: takeKey(memory, Buffer.alloc(32, fill)) }]
  const where = folder === undefined ? {} : { folder }
  const engine = await openSystemEngine({ ...where, storeId, keys, memory, clock: systemClock })
  return { engine, memory }
}

const put = { table: 'meta', tree: 1, key: 'a', bytes: Buffer.from('{}') }

test('openSystemEngine() keeps what was written in its folder', async () => {
  await using folder = await temporaryFolder()
  const first = await open(folder.path)
  const index = await first.engine.submit([put])
  await first.engine.close()
  const second = await open(folder.path)
  assert.equal(
    second.engine.read((reader) => reader.lastEtag),
    index,
  )
  await second.engine.close()
  assert.equal(second.memory.usedBytes, 0)
})

test('openSystemEngine() does not open with another key', async () => {
  await using folder = await temporaryFolder()
  const { engine } = await open(folder.path)
  await engine.close()
  await assert.rejects(open(folder.path, 2), (error) => hasCode(error, 'DatabaseDamaged'))
})

test('openSystemEngine() without a folder touches no disk', async () => {
  await using folder = await temporaryFolder()
  const { engine } = await open(undefined)
  await engine.submit([put])
  await engine.close()
  assert.deepEqual(await readdir(folder.path), [])
})
