import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Type } from 'typebox'
import { systemStore } from '#server/system/system.ts'
import { defineSystemTable } from '#server/system/table.ts'
import { applySystemWriteSet } from '#server/system/write-set.ts'
import { hasCode } from '#shared/errors.ts'
import { mapEngine } from '#test/support/map-engine.ts'

const databases = defineSystemTable('databases', Type.Object({ size: Type.Integer() }))
const secrets = defineSystemTable('secrets', Type.Object({ text: Type.String() }))
const open = () => systemStore('AAAAAAAAAAAAAAAAAAAAAA', mapEngine(applySystemWriteSet))

test('SystemStore gives back what was written, with its version', async () => {
  const system = open()
  assert.equal(system.get(databases, 'ä'), undefined)
  const index = await system.write([{ table: databases, key: 'ä', record: { size: 1 } }])
  assert.deepEqual(system.get(databases, 'ä'), { key: 'ä', record: { size: 1 }, version: index })
  assert.equal(system.index, index)
})

test('SystemStore lists in the order of the bytes of the keys, each table for itself', async () => {
  const system = open()
  const keys = ['b', 'ä', 'a', 'B', '😀', '￿']
  await system.write([
    ...keys.map((key) => ({ table: databases, key, record: { size: 1 } })),
    { table: secrets, key: 'c', record: { text: '' } },
  ])
  const listed = system.list(databases).map(({ key }) => key)
  assert.deepEqual(listed, ['B', 'a', 'b', 'ä', '￿', '😀'])
  assert.equal(system.list(secrets).length, 1)
})

test('SystemStore writes several tables at once, or none of them', async () => {
  const system = open()
  const writing = system.write([
    { table: databases, key: 'a', record: { size: 1 } },
    { table: secrets, key: 'a', record: { text: '' }, version: 3 },
  ])
  await assert.rejects(writing, (error) => hasCode(error, 'SystemConflict'))
  assert.equal(system.get(databases, 'a'), undefined)
})

test('SystemStore deletes where a change has no record', async () => {
  const system = open()
  await system.write([{ table: databases, key: 'a', record: { size: 1 } }])
  await system.write([{ table: databases, key: 'a', version: 1 }])
  assert.equal(system.get(databases, 'a'), undefined)
})

test('SystemStore.update() loses nothing when many write the same record', async () => {
  const system = open()
  const add = () => system.update(databases, 'a', (now) => ({ size: (now?.size ?? 0) + 1 }))
  await Promise.all([...Array(20)].map(add))
  assert.equal(system.get(databases, 'a')?.record.size, 20)
})

test('SystemStore.update() writes nothing where there is nothing to change', async () => {
  const system = open()
  assert.equal(await system.update(databases, 'a', () => undefined), undefined)
  await system.update(databases, 'a', () => ({ size: 1 }))
  const before = system.index
  assert.deepEqual(await system.update(databases, 'a', () => undefined), { size: 1 })
  assert.equal(system.index, before)
})

test('SystemStore.update() passes on what its function throws', async () => {
  const failing = open().update(databases, 'a', () => {
    throw new RangeError('no')
  })
  await assert.rejects(failing, RangeError)
})

test('SystemStore tells its listeners which tables were written, and only of writes that happened', async () => {
  const system = open()
  const heard: string[][] = []
  system.onChange((tables) => heard.push([...tables].sort()))
  await system.write([{ table: databases, key: 'a', record: { size: 1 }, version: 0 }])
  await system
    .write([{ table: databases, key: 'a', record: { size: 2 }, version: 0 }])
    .catch(() => undefined)
  await system.write([
    { table: databases, key: 'a' },
    { table: secrets, key: 'a', record: { text: '' } },
  ])
  assert.deepEqual(heard, [['databases'], ['databases', 'secrets']])
})
