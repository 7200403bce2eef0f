import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { escapedStrays, parsedQuery } from '#server/http/query-values.ts'

const parsed = (text: string) => Object.fromEntries(parsedQuery(text))

for (const [text, values] of [
  ['', {}],
  ['&id=users%2F1', { id: ['users/1'] }],
  ['ID=a&id=b', { id: ['a', 'b'] }],
  ['name=x&first-topology-update', { name: ['x'], 'first-topology-update': [''] }],
  ['name=100%&a=%zz', { name: ['100%'], a: ['%zz'] }],
  ['a=%ff%fe', { a: ['%ff%fe'] }],
  ['q=a+b%2Bc', { q: ['a b+c'] }],
  ['q=a=b', { q: ['a=b'] }],
  ['=x&&', { '': ['x'] }],
] as const) {
  test(`parsedQuery() reads "${text}"`, () => assert.deepEqual(parsed(text), values))
}

test('parsedQuery() gives back whatever was encoded', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (value) => {
      assert.deepEqual(parsed(`v=${encodeURIComponent(value)}`), { v: [value] })
    }),
  )
})

test('parsedQuery() takes any text and throws at none', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parsedQuery(text)))
})

test('escapedStrays() makes any text decodable and leaves a decodable one as it is', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const escaped = escapedStrays(text)
      decodeURIComponent(escaped)
      assert.equal(escapedStrays(escaped), escaped)
    }),
  )
})
