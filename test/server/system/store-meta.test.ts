import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noteStrangers, storedId, strangersKnown, writeStoreId } from '#server/system/store-meta.ts'
import { systemStore } from '#server/system/system.ts'
import { applySystemWriteSet } from '#server/system/write-set.ts'
import { memoryStore } from '#test/support/certificate-store.ts'
import { mapEngine } from '#test/support/map-engine.ts'

test('writeStoreId() writes the id of the store once', async () => {
  const system = memoryStore()
  await writeStoreId(system)
  assert.equal(storedId(system), system.id)
  await assert.rejects(writeStoreId(system), { code: 'SystemConflict' })
})

test('noteStrangers() adds to what was accepted before, and a store that is not open yet shows it', async () => {
  const engine = mapEngine(applySystemWriteSet)
  const system = systemStore('AAAAAAAAAAAAAAAAAAAAAA', engine)
  assert.equal(storedId(system), undefined)
  assert.deepEqual(engine.read(strangersKnown), [])
  await writeStoreId(system)
  await noteStrangers(system, ['a'])
  await noteStrangers(system, ['b'])
  assert.deepEqual(engine.read(strangersKnown), ['a', 'b'])
  assert.equal(storedId(system), system.id)
})
