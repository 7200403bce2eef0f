import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { test } from 'node:test'
import { logTo } from '#server/log.ts'
import { openLockedMemory } from '#server/seal/locked.ts'
import { MasterKeyWatch } from '#server/start/master-key-watch.ts'
import { openServerStore } from '#server/system/open.ts'
import { systemClock } from '#shared/clock.ts'
import { keyId } from '#shared/key-id.ts'
import { mounted } from '#test/support/mounted.ts'
import { temporaryFolder } from '#test/support/storage.ts'

const [first, second] = [randomBytes(32), randomBytes(32)]
const mode = { mode: 0o400 }

/** A store whose master key is mounted as a Secret is, followed. */
async function followed(folder: string, contents: Readonly<Record<string, string | Uint8Array>>) {
  const path = join(folder, 'keys')
  const secret = await mounted(path, contents, mode)
  const log: Record<string, unknown>[] = []
  const logger = logTo({ write: (line) => void log.push(JSON.parse(line)) }, 'debug')
  const open = async () => {
    const memory = openLockedMemory()
    const source = { kind: 'path', path } as const
    const parts = { folder: join(folder, 'data', 'system'), masterKey: source, memory }
    const store = await openServerStore({ ...parts, clock: systemClock })
    const watch = new MasterKeyWatch({ source, store, memory, logger })
    const close = async () => {
      await watch[Symbol.asyncDispose]()
      await store.close()
      assert.equal(memory.usedBytes, 0)
      memory.close()
    }
    return { store, watch, [Symbol.asyncDispose]: close }
  }
  return { secret, log, open }
}

test('MasterKeyWatch wraps the store by a new active key without a restart, says that the old one may go, and the next start needs only the new one', async () => {
  await using folder = await temporaryFolder()
  const { secret, log, open } = await followed(folder.path, { 'master.key': first })
  {
    await using running = await open()
    await running.watch.look()
    assert.deepEqual(running.store.masterKeys.needed, keyId(first))
    await secret.swap({ 'master.key': first, k2: second, 'active-id': 'k2\n' })
    await running.watch.look()
    const { needed, removable } = running.store.masterKeys
    assert.deepEqual([needed, removable], [keyId(second), [keyId(first)]])
    const line = log.find(({ removable: ids }) => Array.isArray(ids))
    assert.deepEqual(line?.removable, [keyId(first)])
    await secret.swap({ k2: second, 'active-id': 'k2' })
    await running.watch.look()
    assert.deepEqual(running.store.masterKeys.removable, [])
  }
  await using again = await open()
  assert.equal(again.store.masterKeys.needed, keyId(second))
})

test('MasterKeyWatch keeps the key that opens the store where it is exchanged without an overlap, and says so once', async () => {
  await using folder = await temporaryFolder()
  const { secret, log, open } = await followed(folder.path, { 'master.key': first })
  {
    await using running = await open()
    await running.watch.look()
    await secret.swap({ 'master.key': second })
    for (let i = 0; i < 3; i += 1) await running.watch.look()
    assert.equal(running.store.masterKeys.needed, keyId(first))
    assert.equal(log.filter(({ level }) => level === 50 || level === 'error').length, 1)
    await secret.swap({ 'master.key': first })
    await running.watch.look()
  }
  await using again = await open()
  assert.equal(again.store.masterKeys.needed, keyId(first))
})

test('a start with a new active key wraps the store by it at once', async () => {
  await using folder = await temporaryFolder()
  const { secret, open } = await followed(folder.path, { 'master.key': first })
  await (await open())[Symbol.asyncDispose]()
  await secret.swap({ 'master.key': first, k2: second, 'active-id': 'k2' })
  await (await open())[Symbol.asyncDispose]()
  await secret.swap({ k2: second, 'active-id': 'k2' })
  await using last = await open()
  assert.equal(last.store.masterKeys.needed, keyId(second))
})
