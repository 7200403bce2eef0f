import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { childrenOf, integerOf, octetsOf, oidOf, parse } from '#shared/pki/ber.ts'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')

test('parse() reads definite and indefinite lengths alike', () => {
  for (const text of ['3006 020101 020102', '3080 020101 020102 0000', '308106 020101 020102']) {
    const value = parse(hex(text))
    assert.deepEqual(value.children.map(integerOf), [1, 2])
    assert.deepEqual(value.encoded, hex(text))
  }
})

test('parse() stops at the end of the first value', () => {
  assert.equal(parse(hex('020105 ffff')).encoded.length, 3)
})

test('octetsOf() joins a string that comes in pieces', () => {
  const pieces = '2480 040161 2404 04026263 0000'
  assert.equal(octetsOf(parse(hex(pieces))).toString(), 'abc')
  assert.equal(octetsOf(parse(hex('800161'))).toString(), 'a')
  assert.throws(() => octetsOf(undefined), /an octet string is missing/)
})

const refused: readonly [what: string, bytes: string, reason: RegExp][] = [
  ['nothing at all', '', /cut short/],
  ['content that ends early', '0405 61', /cut short/],
  ['a length that ends early', '0482 01', /cut short/],
  ['a length of five bytes', '0485 0000000001', /length is out of range/],
  ['an indefinite string in one piece', '0480 0000', /length is missing/],
  ['an indefinite value without an end', '3080 020101', /cut short/],
  ['a tag of several bytes', '1f81 0100', /several bytes/],
  ['nesting without end', '3080'.repeat(40), /too deep/],
]

for (const [what, bytes, reason] of refused) {
  test(`parse() refuses ${what}`, () => {
    assert.throws(() => parse(hex(bytes)), reason)
  })
}

test('parse() answers or throws an Error for any bytes, and never reads past them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      try {
        assert.ok(parse(bytes).encoded.length <= bytes.length)
      } catch (error) {
        assert.ok(error instanceof Error && !(error instanceof RangeError))
      }
    }),
  )
})

test('integerOf() takes small numbers only', () => {
  assert.equal(integerOf(parse(hex('0205 007fffffff'))), 0x7fffffff)
  assert.throws(() => integerOf(parse(hex('0205 0080000000'))), /out of range/)
  for (const other of ['0200', '0206 000000000001', '0101 ff']) {
    assert.throws(() => integerOf(parse(hex(other))), /a small number is missing/)
  }
})

test('oidOf() writes the dotted form, and wants an object identifier', () => {
  assert.equal(oidOf(parse(hex('0603 550403'))), '2.5.4.3')
  assert.equal(oidOf(parse(hex('0603 883703'))), '2.999.3')
  assert.throws(() => oidOf(parse(hex('0500'))), /an object identifier is missing/)
})

test('childrenOf() is empty for what is absent or has none', () => {
  assert.deepEqual(childrenOf(undefined), [])
  assert.deepEqual(childrenOf(parse(hex('0500'))), [])
})
