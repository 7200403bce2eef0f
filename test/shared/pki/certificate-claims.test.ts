import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { claimsOf } from '#shared/pki/certificate-claims.ts'
import { certificateParts } from '#shared/pki/certificate-parts.ts'
import { bits, implicit, octets, sequence, set, tagged } from '#shared/pki/der.ts'
import { integer, oid, truth, utf8 } from '#shared/pki/der-values.ts'
import { type KeyPair, makeKeyPair } from '#shared/pki/issue.ts'
import {
  extension,
  handmade,
  nameOf,
  type Oddities,
  withExtensions,
} from '#test/support/handmade-certificates.ts'

let keys: KeyPair
before(async () => {
  keys = await makeKeyPair('p-256')
})

const claims = (odd: Oddities) => claimsOf(certificateParts(handmade(keys, odd)))
const withOne = (id: string, value: Buffer) => ({ rest: withExtensions(extension(id, value)) })

test('claimsOf() reads every kind of text as a common name, and the last of several', () => {
  const texts: readonly [Buffer, string][] = [
    [utf8('käse'), 'käse'],
    [tagged(0x13, Buffer.from('plain')), 'plain'],
    [tagged(0x14, Buffer.from([0xe4])), 'ä'],
    [tagged(0x16, Buffer.from('ia5')), 'ia5'],
    [tagged(0x1e, Buffer.from('\u5bc6', 'utf16le').swap16()), '密'],
    [tagged(0x1c, Buffer.from([0, 1, 0xf5, 0x11])), '\u{1f511}'],
  ]
  for (const [der, expected] of texts)
    assert.equal(claims({ subject: nameOf(der) }).commonName, expected)
  const attribute = (text: string) => set(sequence(oid('2.5.4.3'), utf8(text)))
  assert.equal(claims({ subject: sequence(attribute('a'), attribute('b')) }).commonName, 'b')
  assert.equal(claims({ subject: sequence() }).commonName, '')
})

test('claimsOf() leaves out alternative names that are no host’s', () => {
  const names = sequence(
    implicit(2, Buffer.from('a.example')),
    implicit(2, Buffer.from('b.example, DNS:c.example')),
    implicit(2, Buffer.from('d.example\0.evil')),
    implicit(2, Buffer.alloc(0)),
    implicit(6, Buffer.from('https://e.example')),
    implicit(7, Buffer.from([192, 0, 2, 1])),
    implicit(7, Buffer.alloc(16, 0)),
  )
  const { dnsNames, ipAddresses } = claims(withOne('2.5.29.17', names))
  assert.deepEqual(dnsNames, ['a.example'])
  assert.deepEqual(ipAddresses, ['192.0.2.1', '::'])
})

test('claimsOf() counts one without usages for both sides, and one with others for neither', () => {
  const usage = (...ids: string[]) => claims(withOne('2.5.29.37', sequence(...ids.map(oid))))
  const [server, client, codeSigning] = ['1', '2', '3'].map((id) => `1.3.6.1.5.5.7.3.${id}`)
  const sides = ({ allowsServerAuth: one, allowsClientAuth: other }: ReturnType<typeof claims>) => [
    one,
    other,
  ]
  assert.deepEqual(sides(claims({})), [true, true])
  assert.deepEqual(sides(usage(server ?? '')), [true, false])
  assert.deepEqual(sides(usage(client ?? '')), [false, true])
  assert.deepEqual(sides(usage(codeSigning ?? '')), [false, false])
  assert.deepEqual(sides(usage('2.5.29.37.0')), [true, true])
})

test('claimsOf() takes for an authority what says so and may sign', () => {
  const says = extension('2.5.29.19', sequence(truth(), integer(0)))
  const mayNot = extension('2.5.29.15', bits(Buffer.from([0x80]), 7))
  const may = extension('2.5.29.15', bits(Buffer.from([0x06]), 1))
  const isAuthority = (...list: Buffer[]) => claims({ rest: withExtensions(...list) }).isAuthority
  assert.ok(isAuthority(says))
  assert.ok(isAuthority(says, may))
  assert.equal(isAuthority(says, mayNot), false)
  assert.equal(isAuthority(may), false)
  assert.equal(isAuthority(extension('2.5.29.19', sequence())), false)
})

const damaged: Readonly<Record<string, Oddities>> = {
  'an address of five bytes': withOne('2.5.29.17', sequence(implicit(7, Buffer.alloc(5)))),
  'alternative names of another type': withOne('2.5.29.17', octets(Buffer.from('x'))),
  'a usage that is none': withOne('2.5.29.37', sequence(integer(1))),
  'usages of another type': withOne('2.5.29.37', integer(1)),
  'a key usage of another type': withOne('2.5.29.15', integer(1)),
  'an empty key usage': withOne('2.5.29.15', tagged(0x03)),
  'a negative path length': withOne(
    '2.5.29.19',
    sequence(truth(), tagged(0x02, Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff]))),
  ),
  'too much in basic constraints': withOne('2.5.29.19', sequence(truth(), integer(0), integer(0))),
  'a common name of no text': { subject: nameOf(integer(1)) },
  'a common name of half a character': { subject: nameOf(tagged(0x0c, Buffer.from([0xc3]))) },
  'a subject of no sets': { subject: sequence(sequence(oid('2.5.4.3'), utf8('x'))) },
}

for (const [what, odd] of Object.entries(damaged)) {
  test(`claimsOf() refuses ${what}`, () => assert.throws(() => claims(odd)))
}
