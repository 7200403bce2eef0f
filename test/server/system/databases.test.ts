import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type DatabaseRecord,
  databaseFolderName,
  databaseTable,
  findDatabase,
  listDatabases,
} from '#server/system/databases.ts'
import { systemStore } from '#server/system/system.ts'
import { applySystemWriteSet } from '#server/system/write-set.ts'
import { databaseKey } from '#shared/database-name.ts'
import { mapEngine } from '#test/support/map-engine.ts'

function record(name: string, state: DatabaseRecord['state']): DatabaseRecord {
  return {
    ...{ name, state, id: 'AAAAAAAAAAAAAAAAAAAAAA', disabled: false, encrypted: false, keys: [] },
    ...{ createdAt: 0, topologyId: '', settings: { a: null }, kept: { Foo: [1] } },
  }
}

async function storeWith(...records: readonly DatabaseRecord[]) {
  const system = systemStore('AAAAAAAAAAAAAAAAAAAAAA', mapEngine(applySystemWriteSet))
  await system.write(
    records.map((record) => ({ table: databaseTable, key: databaseKey(record.name), record })),
  )
  return system
}

test('findDatabase() finds in any case what exists for users', async () => {
  const system = await storeWith(record('Orders', 'ready'), record('new', 'creating'))
  assert.equal(findDatabase(system, 'ORDERS')?.record.name, 'Orders')
  assert.deepEqual(findDatabase(system, 'new')?.record.kept, { Foo: [1] })
  assert.equal(findDatabase(system, 'other'), undefined)
})

test('findDatabase() and listDatabases() hide what was deleted', async () => {
  const system = await storeWith(
    record('a', 'softDeleted'),
    record('b', 'deleting'),
    record('c', 'ready'),
  )
  assert.equal(findDatabase(system, 'a'), undefined)
  assert.equal(findDatabase(system, 'b'), undefined)
  assert.deepEqual(
    listDatabases(system).map(({ record: { name } }) => name),
    ['c'],
  )
})

test('listDatabases() lists as RavenDB does: by name without regard to case', async () => {
  const names = ['x1', 'ä', 'Mixed.Case', '-a', 'alpha', '_a', 'beta']
  const system = await storeWith(...names.map((name) => record(name, 'ready')))
  const listed = listDatabases(system).map(({ record: { name } }) => name)
  assert.deepEqual(listed, ['-a', '_a', 'alpha', 'beta', 'Mixed.Case', 'x1', 'ä'])
})

test('databaseFolderName() is safe and different for every id', () => {
  assert.match(databaseFolderName('/+//AAAAAAAAAAAAAAAAAA'), /^[0-9a-f]{32}$/)
  assert.notEqual(
    databaseFolderName('AAAAAAAAAAAAAAAAAAAAAA'),
    databaseFolderName('AAAAAAAAAAAAAAAAAAAAAQ'),
  )
})
