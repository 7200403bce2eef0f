import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { customKinds } from '#operator/api/kinds.ts'
import { misfit } from '#shared/schema/check.ts'
import { clamped } from '#shared/schema/clamp.ts'
import { Type } from '#shared/schema/type.ts'

describe('clamped()', () => {
  const shape = Type.Object({
    text: Type.Optional(Type.String({ maxLength: 4 })),
    list: Type.Optional(Type.Array(Type.Integer({ minimum: 0, maximum: 9 }), { maxItems: 2 })),
    time: Type.Optional(Type.String({ format: 'date-time' })),
    map: Type.Optional(Type.Record(Type.String(), Type.String({ maxLength: 1 }))),
  })

  test('leaves what fits as it is', () => {
    const fits = { text: 'four', list: [0, 9], time: '2026-06-01T00:00:00Z', map: { a: 'x' } }
    assert.deepEqual(clamped(shape, fits), fits)
    assert.deepEqual(clamped(shape, { other: 'kept as it is' }), { other: 'kept as it is' })
  })

  test('cuts texts, lists and numbers, and leaves out what has no value or is no time', () => {
    const much = { text: 'fourteen', list: [-1, 10, 3], time: 'soon', map: { a: 'xyz' } }
    assert.deepEqual(clamped(shape, much), { text: 'fou…', list: [0, 9], map: { a: '…' } })
    assert.deepEqual(clamped(shape, { text: undefined }), {})
  })

  test('cuts no character in two', () => {
    assert.equal(clamped(Type.String({ maxLength: 3 }), 'a😀😀'), 'a…')
  })

  test('keeps one item a key of a map list, the last', () => {
    const keys = { 'x-kubernetes-list-map-keys': ['name'] }
    const list = Type.Array(Type.Object({ name: Type.String(), n: Type.Integer() }), keys)
    const items = [
      { name: 'a', n: 1 },
      { name: 'b', n: 2 },
      { name: 'a', n: 3 },
    ]
    assert.deepEqual(clamped(list, items), [
      { name: 'a', n: 3 },
      { name: 'b', n: 2 },
    ])
  })
})

interface Schema {
  readonly type?: string
  readonly anyOf?: readonly { readonly const: string }[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly maxItems?: number
  readonly maxLength?: number
  readonly minLength?: number
  readonly pattern?: string
  readonly format?: string
  readonly const?: string
}

/** Values of the right types whose texts, lists and numbers may be far beyond their bounds. */
function beyond(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.anyOf !== undefined) return fc.constantFrom(...schema.anyOf.map((one) => one.const))
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.type === 'array') {
    const { items = {}, maxItems = 8 } = schema
    const length = Math.min(maxItems + 3, 300)
    return fc.array(beyond(items), { minLength: length, maxLength: length, size: 'max' })
  }
  if (schema.type === 'object') {
    const [others] = Object.values(schema.patternProperties ?? {})
    if (others !== undefined) return fc.dictionary(fc.string({ minLength: 1 }), beyond(others))
    const each = Object.entries(schema.properties ?? {}).map(([name, one]) => [name, beyond(one)])
    return fc.record(Object.fromEntries(each) as Record<string, fc.Arbitrary<unknown>>)
  }
  if (schema.type === 'integer') return fc.integer()
  if (schema.type === 'boolean') return fc.boolean()
  if (schema.format === 'date-time') return fc.constant('9999-12-31T23:59:59Z')
  const { maxLength = 10, minLength = 0 } = schema
  return fc
    .tuple(fc.string({ minLength: 1, unit: 'binary' }), fc.boolean())
    .map(([text, isLong]) =>
      isLong ? text.padEnd(maxLength + 5, text) : text.padEnd(minLength, 'x'),
    )
}

for (const { kind, status } of customKinds) {
  test(`clamped() makes every status of ${kind} fit, however long its texts and lists are`, () => {
    fc.assert(
      fc.property(beyond(status as Schema), (value) => {
        assert.equal(misfit(status, clamped(status, value)), undefined)
      }),
      { numRuns: 5 },
    )
  })
}
