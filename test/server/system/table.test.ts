import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Type } from 'typebox'
import { defineSystemTable, systemTrees } from '#server/system/table.ts'
import { hasCode } from '#shared/errors.ts'

const table = defineSystemTable('meta', Type.Object({ name: Type.String() }))

test('systemTrees gives every table a tree of its own', () => {
  const trees = Object.values(systemTrees)
  assert.equal(new Set(trees).size, trees.length)
  assert.ok(trees.every((tree) => Number.isInteger(tree) && tree >= 1 && tree <= 65_535))
})

test('defineSystemTable() makes a table that reads what it wrote', () => {
  assert.equal(table.tree, systemTrees.meta)
  assert.deepEqual(table.decode(table.encode({ name: 'ü' })), { name: 'ü' })
})

test('defineSystemTable() keeps keys that the schema does not name', () => {
  const record = { name: 'a', Foo: [1, null] }
  assert.deepEqual(table.decode(table.encode(record)), record)
})

test('defineSystemTable() makes a table that refuses to write what does not fit', () => {
  assert.throws(() => table.encode({ name: 1 } as never), /not a record of table "meta"/)
})

for (const bytes of ['', '{', '{"name":1}', 'null']) {
  test(`defineSystemTable() makes a table that reads ${bytes || 'nothing'} as damage`, () => {
    const damaged = (error: unknown): boolean => hasCode(error, 'SystemRecordDamaged')
    assert.throws(() => table.decode(Buffer.from(bytes)), damaged)
  })
}
