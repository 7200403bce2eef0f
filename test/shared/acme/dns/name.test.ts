import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  canonicalName,
  decodeName,
  encodeName,
  isWithin,
  parentOf,
  withParents,
} from '#shared/acme/dns/name.ts'

const label = fc.string({
  unit: fc.constantFrom(...'abcxyz019-_*'),
  minLength: 1,
  maxLength: 40,
})
const name = fc.array(label, { maxLength: 5 }).map((labels) => labels.join('.'))

test('encodeName() writes lengths, labels and the root', () => {
  assert.equal(encodeName('').toString('hex'), '00')
  assert.equal(encodeName('A.bc.').toString('hex'), '0161026263' + '00')
  assert.equal(encodeName('a\\000\\046b').toString('hex'), '0461002e6200')
})

test('encodeName() refuses what is no name', () => {
  for (const text of [
    ...['a..b', '.a', 'bücher.de', 'a b', 'a\\1', 'a\\999', '\\'],
    ...['x'.repeat(64), Array(5).fill('y'.repeat(60)).join('.')],
  ]) {
    assert.throws(() => encodeName(text), /name/, text)
  }
})

test('decodeName() reads back what was written, wherever it stands', () => {
  fc.assert(
    fc.property(name, fc.uint8Array({ maxLength: 20 }), (text, before) => {
      const written = Buffer.concat([before, encodeName(text), Buffer.of(1, 2)])
      const read = decodeName(written, before.length)
      assert.deepEqual(read, { name: text, end: written.length - 2 })
    }),
  )
})

test('decodeName() gives any bytes a text that encodeName() takes back', () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(bytes, (content) => {
      const wire = Buffer.concat([Buffer.of(content.length), content, Buffer.of(0)])
      const { name: text } = decodeName(wire, 0)
      const again = encodeName(text)
      assert.equal(decodeName(again, 0).name, text)
      const lower = [...content].map((byte) => (byte >= 65 && byte <= 90 ? byte + 32 : byte))
      assert.deepEqual([...again.subarray(1, -1)], lower)
    }),
  )
})

test('decodeName() follows pointers back, and goes on behind the first', () => {
  const message = Buffer.concat([encodeName('example.com'), Buffer.from('026462c000', 'hex')])
  assert.deepEqual(decodeName(message, 13), { name: 'db.example.com', end: 18 })
})

test('decodeName() refuses pointers that would never end', () => {
  for (const [hex, start] of [
    ['c000', 0],
    ['c002c000', 0],
    ['0161c000', 0],
    ['00c003c001', 1],
    ['c0', 0],
  ] as const) {
    assert.throws(() => decodeName(Buffer.from(hex, 'hex'), start), /name/, hex)
  }
})

test('decodeName() ends for any bytes', () => {
  const inputs = fc.uint8Array({ minLength: 1, maxLength: 600 })
  fc.assert(
    fc.property(inputs, fc.nat({ max: 600 }), (bytes, at) => {
      try {
        const read = decodeName(Buffer.from(bytes), at)
        assert.ok(read.end <= bytes.length && read.name.length <= 255 * 4)
      } catch (error) {
        assert.match(String(error), /^Error: a (?:compressed )?(?:label of a )?name/)
      }
    }),
    { numRuns: 1000 },
  )
})

test('withParents() and parentOf() climb to the root', () => {
  assert.deepEqual(withParents('A.b.com.'), ['a.b.com', 'b.com', 'com'])
  assert.deepEqual(withParents(''), [])
  assert.equal(parentOf('a.b'), 'b')
  assert.equal(parentOf('b'), '')
})

test('isWithin() knows a neighbour from a child', () => {
  assert.ok(isWithin('a.example.com', 'example.com'))
  assert.ok(isWithin('example.com', 'example.com'))
  assert.ok(isWithin('example.com', ''))
  assert.ok(!isWithin('badexample.com', 'example.com'))
  assert.equal(canonicalName('Example.COM.'), 'example.com')
})
