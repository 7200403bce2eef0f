import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type TSchema, Type } from 'typebox'
import { type Schema, structuralSchema, withRules } from '#operator/api/structural-schema.ts'

test('structuralSchema() writes what Kubernetes takes', () => {
  const cases: readonly [TSchema, Schema][] = [
    [
      Type.String({ maxLength: 3, pattern: '^a$', description: 'a text' }),
      { type: 'string', maxLength: 3, pattern: '^a$', description: 'a text' },
    ],
    [
      Type.Union([Type.Literal('A'), Type.Literal('B')], { default: 'A', description: 'which' }),
      { type: 'string', enum: ['A', 'B'], default: 'A', description: 'which' },
    ],
    [
      Type.Record(Type.String(), Type.String({ maxLength: 3 })),
      { type: 'object', additionalProperties: { type: 'string', maxLength: 3 } },
    ],
    [
      Type.Array(Type.Object({ a: Type.Integer() }), {
        maxItems: 2,
        'x-kubernetes-list-type': 'atomic',
      }),
      {
        type: 'array',
        maxItems: 2,
        'x-kubernetes-list-type': 'atomic',
        items: { type: 'object', required: ['a'], properties: { a: { type: 'integer' } } },
      },
    ],
    [
      Type.Object(
        { a: Type.Optional(Type.Boolean({ default: true })) },
        { additionalProperties: false },
      ),
      { type: 'object', properties: { a: { type: 'boolean', default: true } } },
    ],
  ]
  for (const [schema, expected] of cases)
    assert.deepEqual(JSON.parse(JSON.stringify(structuralSchema(schema))), expected)
})

test('structuralSchema() refuses unions that no structural schema can hold', () => {
  assert.throws(
    () => structuralSchema(Type.Union([Type.String(), Type.Integer()])),
    /only unions of text/,
  )
  assert.throws(
    () => structuralSchema(Type.Union([Type.Literal(1), Type.Literal(2)])),
    /only unions/,
  )
})

test('structuralSchema() gives a type to every schema that is made of our pieces, however deep', () => {
  const { schema } = fc.letrec<{ schema: TSchema }>((tie) => ({
    schema: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<TSchema>(Type.String(), Type.Integer(), Type.Boolean()),
      fc.constant<TSchema>(Type.Union([Type.Literal('A'), Type.Literal('B')])),
      tie('schema').map((items) => Type.Array(items)),
      tie('schema').map((values) => Type.Record(Type.String(), values)),
      fc
        .dictionary(fc.constantFrom('a', 'b', 'c'), tie('schema'))
        .map((fields) => Type.Object(fields)),
    ),
  }))
  const untyped = (one: Schema): boolean => {
    const inner = [
      ...Object.values((one.properties as Schema | undefined) ?? {}),
      ...(one.items === undefined ? [] : [one.items]),
      ...(one.additionalProperties === undefined ? [] : [one.additionalProperties]),
    ]
    return (
      typeof one.type !== 'string' ||
      'anyOf' in one ||
      'patternProperties' in one ||
      inner.some((each) => untyped(each as Schema))
    )
  }
  fc.assert(fc.property(schema, (one) => assert.ok(!untyped(structuralSchema(one)))))
})

test('withRules() hangs each rule on its field, and leaves the schema as it was', () => {
  const spec = structuralSchema(Type.Object({ a: Type.Object({ b: Type.String() }) }))
  const rules = [
    { path: ['a', 'b'], rule: 'one', message: 'first' },
    { path: ['a', 'b'], rule: 'two', message: 'second' },
    { path: [], rule: 'three', message: 'third' },
  ]
  const found = withRules(spec, rules) as {
    readonly 'x-kubernetes-validations': unknown
    readonly properties: { readonly a: { readonly properties: { readonly b: Schema } } }
  }
  assert.deepEqual(found['x-kubernetes-validations'], [{ rule: 'three', message: 'third' }])
  assert.deepEqual(found.properties.a.properties.b['x-kubernetes-validations'], [
    { rule: 'one', message: 'first' },
    { rule: 'two', message: 'second' },
  ])
  assert.ok(!JSON.stringify(spec).includes('validations'))
  assert.throws(
    () => withRules(spec, [{ path: ['c'], rule: '', message: '' }]),
    /"c": there is no such field/,
  )
})
