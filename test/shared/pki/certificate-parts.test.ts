import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { octetsOf } from '#shared/pki/ber.ts'
import { certificateParts } from '#shared/pki/certificate-parts.ts'
import { explicit, nothing, octets, sequence, set, tagged } from '#shared/pki/der.ts'
import { integer, integerOfBytes, oid, time } from '#shared/pki/der-values.ts'
import { keyIdentifier } from '#shared/pki/extensions.ts'
import { type KeyPair, makeKeyPair } from '#shared/pki/issue.ts'
import { authority, server } from '#test/support/certificates.ts'
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

test('certificateParts() finds serial, names and extensions of a certificate of ours', async () => {
  const ca = await authority()
  const { certificate } = await server(ca)
  const { serial, issuer, notAfter, extension: named } = certificateParts(certificate.der)
  assert.equal(serial.toString('hex').toUpperCase(), certificate.serial)
  assert.deepEqual(issuer.encoded, certificateParts(ca.certificate.der).subject.encoded)
  assert.equal(notAfter, certificate.notAfter)
  const subjectKey = named('2.5.29.14')
  assert.deepEqual(subjectKey && octetsOf(subjectKey), keyIdentifier(certificate.publicKey))
  assert.equal(named('1.2.3.4'), undefined)
})

test('certificateParts() knows the first version, which says none and has no extensions', () => {
  const none = Buffer.alloc(0)
  for (const version of [none, explicit(0, integer(0)), explicit(0, integer(1))]) {
    const parts = certificateParts(handmade(keys, { version, rest: none }))
    assert.equal(parts.extension('2.5.29.14'), undefined)
  }
})

test('certificateParts() keeps the leading zero of a serial number', () => {
  const serial = integerOfBytes(Buffer.from('80ff', 'hex'))
  assert.equal(certificateParts(handmade(keys, { serial })).serial.toString('hex'), '0080ff')
})

test('certificateParts() parses the value of an extension, critical or not', () => {
  const value = sequence(integer(7))
  for (const critical of [false, true]) {
    const rest = withExtensions(extension('2.5.29.35', value, critical))
    const parts = certificateParts(handmade(keys, { rest }))
    assert.deepEqual(parts.extension('2.5.29.35')?.encoded, value)
  }
})

const twice = extension('2.5.29.35', sequence())
const refused: Readonly<Record<string, Oddities>> = {
  'a version that was never made': { version: explicit(0, integer(3)) },
  'a negative version': { version: explicit(0, tagged(0x02, Buffer.from([0xff]))) },
  'a version of no number': { version: explicit(0, octets(Buffer.from([2]))) },
  'extensions in the first version': { version: explicit(0, integer(0)) },
  'no serial number': { serial: nothing() },
  'an empty serial number': { serial: tagged(0x02) },
  'another signature algorithm inside': { algorithm: sequence(oid('1.2.840.10045.4.3.3')) },
  'a key that is no sequence': { key: octets(Buffer.from('key')) },
  'an issuer that is no sequence': { issuer: set() },
  'a third time': { notAfter: Buffer.concat([time(0), time(1)]) },
  'an extension twice': { rest: withExtensions(twice, twice) },
  'an extension without value': { rest: withExtensions(sequence(oid('2.5.29.35'))) },
  'an extension without id': { rest: withExtensions(sequence(octets(Buffer.alloc(0)))) },
  'something behind its extensions': { rest: Buffer.concat([withExtensions(), integer(1)]) },
  'a length in more bytes than it needs': {
    subject: Buffer.concat([Buffer.from([0x30, 0x81]), nameOf(tagged(0x0c)).subarray(1)]),
  },
  'an indefinite length': { subject: Buffer.from([0x30, 0x80, 0, 0]) },
}

for (const [what, odd] of Object.entries(refused)) {
  test(`certificateParts() refuses ${what}`, () => {
    assert.throws(() => certificateParts(handmade(keys, odd)), { name: 'Error' })
  })
}

test('certificateParts() refuses the value of an extension that is not DER', () => {
  const rest = withExtensions(extension('2.5.29.35', Buffer.from([0x30, 0x80, 0, 0])))
  const parts = certificateParts(handmade(keys, { rest }))
  assert.throws(() => parts.extension('2.5.29.35'), { name: 'Error' })
})
