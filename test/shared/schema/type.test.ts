import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Type as library } from 'typebox'
import { Type } from '#shared/schema/type.ts'

/** Everything that can be said, in both languages. */
function everything(language: typeof Type) {
  return language.Object(
    {
      text: language.String({ minLength: 1, maxLength: 3, pattern: '^a', format: 'date-time' }),
      number: language.Integer({ minimum: 1, maximum: 9, default: 2 }),
      flag: language.Optional(language.Boolean({ description: 'a flag' })),
      nothing: language.Null(),
      word: language.Union([language.Literal('x'), language.Literal('y')], { default: 'x' }),
      map: language.Record(language.String(), language.Integer(), { description: 'a map' }),
      list: language.Optional(language.Array(language.Object({}), { maxItems: 4 })),
    },
    { description: 'all' },
  )
}

test('Type says the same JSON, in the same order, as the library whose language it speaks', () => {
  assert.equal(JSON.stringify(everything(Type)), JSON.stringify(everything(library)))
})

test('Type.Optional leaves a property out of `required`, and the schema that it was given as it is', () => {
  const text = Type.String()
  const shape = Type.Object({ a: Type.Optional(text), b: text })
  assert.deepEqual(JSON.parse(JSON.stringify(shape)).required, ['b'])
})

test('Type.Object says nothing of `required` where everything may be left out', () => {
  const shape = Type.Object({ a: Type.Optional(Type.String()) })
  assert.equal(Object.hasOwn(shape, 'required'), false)
})

test('Type cannot be changed', () => {
  assert.throws(() => Object.assign(Type, { String: Type.Boolean }), TypeError)
})
