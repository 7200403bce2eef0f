import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Type as library } from 'typebox'
import { Compile } from 'typebox/compile'
import { fits, misfit, understood } from '#shared/schema/check.ts'
import { type TSchema, Type } from '#shared/schema/type.ts'

const word = Type.Union([Type.Literal('red'), Type.Literal('green')])
const shape = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 5, pattern: '^[a-z]+$' }),
  count: Type.Optional(Type.Integer({ minimum: 0, maximum: 3 })),
  word: Type.Optional(word),
  flag: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
  list: Type.Optional(Type.Array(Type.String(), { minItems: 1, maxItems: 2 })),
  map: Type.Optional(Type.Record(Type.String(), Type.Integer())),
  inner: Type.Optional(Type.Object({ at: Type.String() })),
})

test('misfit() has nothing to say of what fits', () => {
  for (const value of [
    { name: 'a' },
    { name: 'abcde', count: 3, word: 'green', flag: null, list: ['x', ''], map: { a: 1 } },
    { name: 'a', unknown: ['let', 'through'], inner: { at: '', more: 1 } },
  ])
    assert.equal(misfit(shape, value), undefined)
})

test('misfit() names the place and what must be there', () => {
  const cases: readonly [value: unknown, path: string, message: RegExp][] = [
    [undefined, '', /^must be an object$/],
    [null, '', /object/],
    [[], '', /object/],
    [{}, '', /^must have the property name$/],
    [{ name: 1 }, '/name', /^must be a text$/],
    [{ name: '' }, '/name', /at least 1 char/],
    [{ name: 'abcdef' }, '/name', /at most 5 char/],
    [{ name: 'A' }, '/name', /must match \^\[a-z\]\+\$/],
    [{ name: 'a', count: 1.5 }, '/count', /an integer/],
    [{ name: 'a', count: '1' }, '/count', /an integer/],
    [{ name: 'a', count: -1 }, '/count', /at least 0/],
    [{ name: 'a', count: 4 }, '/count', /at most 3/],
    [{ name: 'a', word: 'blue' }, '/word', /^must be one of red, green$/],
    [{ name: 'a', flag: 0 }, '/flag', /^must be one of boolean, null$/],
    [{ name: 'a', list: 'x' }, '/list', /a list/],
    [{ name: 'a', list: [] }, '/list', /at least 1 item/],
    [{ name: 'a', list: ['', '', ''] }, '/list', /at most 2 items/],
    [{ name: 'a', list: ['', 2] }, '/list/1', /a text/],
    [{ name: 'a', map: { 'x/y~z': 'no' } }, '/map/x~1y~0z', /an integer/],
    [{ name: 'a', inner: {} }, '/inner', /the property at/],
  ]
  for (const [value, path, message] of cases) {
    const found = misfit(shape, value)
    assert.equal(found?.instancePath, path, JSON.stringify(value))
    assert.match(found?.message ?? '', message)
  }
})

test('misfit() takes times as RFC 3339 writes them, and no others', () => {
  const time = Type.String({ format: 'date-time' })
  for (const text of [
    '2026-11-25T10:55:33Z',
    '2026-11-25t10:55:33.123456z',
    '2026-11-25T10:55:33+01:00',
  ])
    assert.equal(misfit(time, text), undefined, text)
  for (const text of ['2026-11-25', '2026-13-25T10:55:33Z', 'soon', '2026-11-25T10:55:33', '1'])
    assert.match(misfit(time, text)?.message ?? '', /must be a time/, text)
})

test('misfit() is not led astray by names that every object has', () => {
  assert.match(misfit(Type.Object({ toString: Type.String() }), {})?.message ?? '', /toString/)
  const value = JSON.parse('{"name":"a","__proto__":{"count":9},"constructor":1}')
  assert.equal(misfit(shape, value), undefined)
})

test('misfit() knows numbers, words of a list, and what may be anything', () => {
  assert.equal(misfit(library.Number({ minimum: 1 }), 1.5), undefined)
  assert.match(misfit(library.Number(), Number.NaN)?.message ?? '', /must be a number/)
  assert.match(misfit(library.Number(), '1')?.message ?? '', /must be a number/)
  assert.match(misfit(library.Number({ minimum: 1 }), 0.5)?.message ?? '', /at least 1/)
  assert.equal(misfit(library.Enum(['a', 'b']), 'b'), undefined)
  assert.match(misfit(library.Enum(['a', 'b']), 'c')?.message ?? '', /^must be one of a, b$/)
  assert.equal(misfit(library.Unknown(), undefined), undefined)
})

test('understood() returns the schema, and refuses one with a word that nobody heeds', () => {
  assert.equal(understood(shape), shape)
  assert.throws(() => understood({ type: 'bigint' } as TSchema), /of type "bigint"/)
  const strange = { type: 'string', maxlength: 3 } as TSchema
  for (const place of [
    strange,
    Type.Object({ a: strange }),
    Type.Array(strange),
    Type.Record(Type.String(), strange),
    Type.Union([strange, Type.Null()]),
  ])
    assert.throws(() => understood(place), /with "maxlength" in it/)
})

test('fits() decides as the library whose types the schemas bear', () => {
  const validator = Compile(shape)
  const text = fc.oneof(fc.constantFrom('red', 'a', 'abc', '', 'ABC'), fc.string({ maxLength: 7 }))
  const leaf = fc.oneof(
    text,
    fc.integer({ min: -1, max: 5 }),
    fc.boolean(),
    fc.constant(null),
    fc.double(),
  )
  const anything = fc.oneof(leaf, fc.array(leaf, { maxLength: 3 }), fc.dictionary(text, leaf))
  const value = fc.record(
    {
      ...{ name: fc.oneof(text, anything), count: anything, word: anything, flag: anything },
      ...{ list: anything, map: anything, inner: fc.oneof(anything, fc.record({ at: anything })) },
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(fc.oneof(value, anything), (candidate) => {
      assert.equal(fits(shape, candidate), validator.Check(candidate))
    }),
    { numRuns: 2_000 },
  )
})
