import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  exactJsOf,
  isExact,
  NumberText,
  numberOrText,
  numberText,
  spelledJsOf,
  wholeOf,
} from '#server/database/json/number-text.ts'

/** A number as JSON may write it. */
const literal = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.oneof(fc.constant('0'), fc.stringMatching(/^[1-9]\d{0,25}$/)),
    fc.oneof(fc.constant(''), fc.stringMatching(/^\.\d{1,25}$/)),
    fc.oneof(fc.constant(''), fc.stringMatching(/^[eE][+-]?\d{1,3}$/)),
  )
  .map((parts) => parts.join(''))

test('spelledJsOf() keeps the spelling of every number, wherever it stands', () => {
  fc.assert(
    fc.property(fc.array(literal, { maxLength: 5 }), (literals) => {
      const text = `{"a":[${literals.join()}],"b":{"c":${literals[0] ?? 'null'},"d":"1.50e2"}}`
      const found = spelledJsOf(Buffer.from(text)) as { a: unknown[]; b: { c: unknown; d: string } }
      assert.deepEqual(found.a.map(numberText), literals)
      assert.equal(numberText(found.b.c), literals[0])
      assert.equal(found.b.d, '1.50e2')
    }),
  )
})

test('spelledJsOf() gives plain numbers where nothing would be lost', () => {
  assert.deepEqual(spelledJsOf(Buffer.from('[1,-7,1.5,"12345678901234567890"]')), [
    ...[1, -7, 1.5],
    '12345678901234567890',
  ])
})

test('isExact() is true for exactly the numbers whose value JavaScript keeps', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), (integer) => {
      const isKept = BigInt(Number(integer)) === integer
      // Beyond 2^53 some are kept by chance; a caller cannot know which.
      if (isExact(String(integer))) assert.ok(isKept)
      if (integer >= -(2n ** 53n) && integer <= 2n ** 53n) assert.ok(isExact(String(integer)))
    }),
  )
  for (const text of ['0', '-0', '0.0', '1.0', '1e5', '0.1', '5e-324', '100e-2', '1.50'])
    assert.ok(isExact(text), text)
  for (const text of ['9007199254740993', '1e400', '0.10000000000000000555', '1e-400'])
    assert.ok(!isExact(text), text)
})

test('wholeOf() reads whole numbers in every spelling, and none that is not exact', () => {
  for (const [text, whole] of [
    ['5', 5],
    ['5.0', 5],
    ['5e0', 5],
    ['12e2', 1200],
    ['-3', -3],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['9007199254740992', undefined],
    ['9007199254740990.4', undefined],
    ['1.5', undefined],
    ['1e400', undefined],
  ] as const) {
    assert.equal(wholeOf(numberOrText(text)), whole, text)
  }
  assert.equal(wholeOf('5'), undefined)
  assert.equal(wholeOf(null), undefined)
})

test('exactJsOf() refuses a number that would be kept as another one', () => {
  assert.deepEqual(exactJsOf(Buffer.from('{"a":[1.0,1e3,{"b":"9007199254740993"}]}')), {
    a: [1, 1000, { b: '9007199254740993' }],
  })
  assert.throws(() => exactJsOf(Buffer.from('{"a":[{"b":9007199254740993}]}')), {
    code: 'NumberNotExact',
    status: 400,
  })
})

test('numberOrText() is a number where JavaScript writes it alike', () => {
  assert.equal(numberOrText('12'), 12)
  assert.deepEqual(numberOrText('1.0'), new NumberText('1.0'))
})
