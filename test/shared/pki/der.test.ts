import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
<<<<<<< HEAD
import { childrenOf, integerOf, octetsOf, oidOf, parse } from '#shared/pki/ber.ts'
import { explicit, integer, nothing, octets, oid, sequence, set, tagged } from '#shared/pki/der.ts'

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
=======
import { integerOf, octetsOf, oidOf, parse } from '#shared/pki/ber.ts'
import { explicit, integer, nothing, octets, oid, sequence, set, tagged } from '#shared/pki/der.ts'

test('oid() and integer() write what the standard’s examples show', () => {
  assert.equal(oid('1.2.840.113549.1.7.1').toString('hex'), '06092a864886f70d010701')
  assert.equal(integer(0).toString('hex'), '020100')
  assert.equal(integer(127).toString('hex'), '02017f')
  assert.equal(integer(128).toString('hex'), '02020080')
  assert.equal(integer(2048).toString('hex'), '02020800')
  assert.equal(nothing().toString('hex'), '0500')
})

test('tagged() writes lengths in their shortest form', () => {
  for (const [length, head] of [
    [127, '047f'],
    [128, '048180'],
    [255, '0481ff'],
    [256, '04820100'],
    [65536, '0483010000'],
  ] as const) {
    assert.equal(octets(Buffer.alloc(length)).toString('hex', 0, head.length / 2), head)
  }
})

test('sequence(), set() and explicit() hold their content', () => {
  assert.equal(sequence(integer(1), integer(2)).toString('hex'), '3006020101020102')
  assert.equal(set(integer(1)).toString('hex'), '3103020101')
  assert.equal(explicit(0, integer(1)).toString('hex'), 'a003020101')
  assert.equal(tagged(0x80, Buffer.from([7])).toString('hex'), '800107')
})

test('what der.ts writes ber.ts reads', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(), (bytes, number) => {
      const [first, second, third] = parse(
        sequence(octets(bytes), integer(number), oid(`1.2.${number}`)),
      ).children
      assert.deepEqual(Buffer.from(bytes), octetsOf(first))
      assert.equal(integerOf(second), number)
      assert.equal(oidOf(third), `1.2.${number}`)
    }),
  )
  const dotted = '2.16.840.1.101.3.4.2.1'
  assert.equal(oidOf(parse(oid(dotted))), dotted)
>>>>>>> 4fdd36f (access: refusals say first what was refused; pki: tests of BER and DER)
})
