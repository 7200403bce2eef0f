import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Type } from 'typebox'
import { jsonShape } from '#shared/contract/json.ts'

const shape = jsonShape(Type.Object({ name: Type.String(), size: Type.Integer({ minimum: 1 }) }))

test('jsonShape() reads what fits', () => {
  assert.deepEqual(shape.read('{"name":"a","size":1}'), { name: 'a', size: 1 })
})

for (const text of [
  '',
  '{',
  'null',
  '[]',
  '{"name":"a"}',
  '{"name":"a","size":0}',
  '{"name":1,"size":1}',
]) {
  test(`jsonShape() reads nothing from ${text || 'an empty text'}`, () => {
    assert.equal(shape.read(text), undefined)
  })
}

test('jsonShape() takes back every record that it checks', () => {
  const record = fc.record(
    { name: fc.string(), size: fc.integer({ min: 1 }) },
    { noNullPrototype: true },
  )
  fc.assert(
    fc.property(record, (value) => {
      assert.equal(shape.check(value), true)
      assert.deepEqual(shape.read(JSON.stringify(value)), value)
    }),
  )
})
