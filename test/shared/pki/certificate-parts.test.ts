import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { octetsOf } from '#shared/pki/ber.ts'
import { certificateParts } from '#shared/pki/certificate-parts.ts'
import { explicit, octets, sequence, set } from '#shared/pki/der.ts'
import { integer, integerOfBytes, oid, utf8 } from '#shared/pki/der-values.ts'
import { keyIdentifier } from '#shared/pki/extensions.ts'
import { authority, server } from '#test/support/certificates.ts'

const name = sequence(set(sequence(oid('2.5.4.3'), utf8('shop'))))
const someone = sequence(set(sequence(oid('2.5.4.3'), utf8('someone else'))))

/** As far as it is looked at: serial, algorithm, issuer, validity, subject, key. */
const body = [
  integerOfBytes(Buffer.from('80ff', 'hex')),
  sequence(),
  someone,
  sequence(),
  name,
  sequence(),
]

test('certificateParts() finds serial, subject and extensions of a certificate of ours', async () => {
  const ca = await authority()
  const { certificate } = await server(ca)
  const { serial, extension } = certificateParts(certificate.der)
  assert.equal(serial?.toString('hex').toUpperCase(), certificate.serial)
  const subjectKey = extension('2.5.29.14')
  assert.deepEqual(subjectKey && octetsOf(subjectKey), keyIdentifier(certificate.publicKey))
  assert.equal(extension('1.2.3.4'), undefined)
  const issued = new X509Certificate(certificate.der)
  assert.equal(issued.issuer, new X509Certificate(ca.certificate.der).subject)
})

test('certificateParts() knows the first version, which says none and has no extensions', () => {
  for (const members of [body, [explicit(0, integer(2)), ...body]]) {
    const { serial, subject, extension } = certificateParts(sequence(sequence(...members)))
    assert.equal(serial?.toString('hex'), '0080ff')
    assert.deepEqual(subject, name)
    assert.equal(extension('2.5.29.14'), undefined)
  }
})

test('certificateParts() parses the value of an extension, critical or not', () => {
  const value = sequence(integer(7))
  const one = sequence(oid('2.5.29.35'), octets(value))
  const parts = certificateParts(
    sequence(sequence(explicit(0, integer(2)), ...body, explicit(3, sequence(one)))),
  )
  assert.deepEqual(parts.extension('2.5.29.35')?.encoded, value)
})

test('certificateParts() leaves out what is not there', () => {
  const { serial, subject, extension } = certificateParts(sequence(sequence(integer(1))))
  assert.equal(serial?.toString('hex'), '01')
  assert.equal(subject, undefined)
  assert.equal(extension('2.5.29.14'), undefined)
})
