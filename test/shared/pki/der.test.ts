import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { childrenOf, integerOf, octetsOf, oidOf, parse } from '#shared/pki/ber.ts'
import { explicit, nothing, octets, sequence, set, tagged } from '#shared/pki/der.ts'
import { integer, oid } from '#shared/pki/der-values.ts'

test('integer(), oid() and the rest write the bytes that the standard shows', () => {
  const known: readonly [Buffer, string][] = [
    [integer(0), '020100'],
    [integer(127), '02017f'],
    [integer(128), '02020080'],
    [integer(65_537), '0203010001'],
    [oid('1.2.840.113549.1.7.1'), '06092a864886f70d010701'],
    [oid('2.16.840.1.101.3.4.2.1'), '0609608648016503040201'],
    [nothing(), '0500'],
    [octets(Buffer.from('ab')), '04026162'],
    [set(integer(1)), '3103020101'],
    [explicit(0, nothing()), 'a0020500'],
    [sequence(), '3000'],
  ]
  for (const [bytes, hex] of known) assert.equal(bytes.toString('hex'), hex)
})

test('tagged() writes lengths in the fewest bytes', () => {
  for (const [length, head] of [
    [127, '047f'],
    [128, '048180'],
    [256, '04820100'],
    [65_536, '0483010000'],
  ] as const) {
    const bytes = tagged(0x04, Buffer.alloc(length))
    assert.equal(bytes.toString('hex', 0, head.length / 2), head)
    assert.equal(bytes.length, head.length / 2 + length)
  }
})

test('parse() reads back what was written', () => {
  const number = fc.integer({ min: 0, max: 0x7fffffff })
  const arcs = fc.array(number, { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(number, arcs, fc.uint8Array({ maxLength: 300 }), (value, rest, bytes) => {
      const dotted = ['1.2', ...rest].join('.')
      const written = sequence(integer(value), oid(dotted), octets(bytes))
      const [first, second, third] = childrenOf(parse(written))
      assert.equal(integerOf(first), value)
      assert.equal(oidOf(second), dotted)
      assert.deepEqual(octetsOf(third), Buffer.from(bytes))
    }),
  )
})
