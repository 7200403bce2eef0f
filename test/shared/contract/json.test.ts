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

test('jsonShape() takes a null for a missing member only where it is told to', () => {
  const inner = Type.Object({ note: Type.Optional(Type.String()), size: Type.Integer() })
  const schema = Type.Object({
    inner: Type.Optional(inner),
    list: Type.Optional(Type.Array(inner)),
    open: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  })
  const lenient = jsonShape(schema, { nulls: 'missing' })
  assert.deepEqual(lenient.read('{"inner":null,"list":null,"open":null,"more":null}'), {
    open: null,
    more: null,
  })
  assert.deepEqual(
    lenient.read('{"inner":{"note":null,"size":1},"list":[{"note":null,"size":2}]}'),
    {
      inner: { size: 1 },
      list: [{ size: 2 }],
    },
  )
  for (const text of ['{"inner":{"size":null}}', '{"list":[null]}', 'null'])
    assert.equal(lenient.read(text), undefined)
  assert.equal(jsonShape(schema).read('{"inner":null}'), undefined)
})

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
