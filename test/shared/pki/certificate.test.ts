import assert from 'node:assert/strict'
import { createHash, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { hasCode } from '#shared/errors.ts'
import {
  pinOf,
  readCertificate,
  readCertificates,
  verifyIssuedBy,
} from '#shared/pki/certificate.ts'
import { makeKeyPair } from '#shared/pki/issue.ts'
import { certificatePem } from '#shared/pki/pem.ts'
import { authority, client } from '#test/support/certificates.ts'

const unreadable = (error: unknown): boolean => hasCode(error, 'CertificateUnreadable')

test('readCertificate() gives thumbprint and pin as OpenSSL and RavenDB count them', async () => {
  const { certificate } = await client(await authority())
  const node = new X509Certificate(certificate.der)
  const spki = node.publicKey.export({ type: 'spki', format: 'der' })
  assert.equal(certificate.thumbprint, node.fingerprint.replaceAll(':', ''))
  assert.equal(certificate.pin, createHash('sha256').update(spki).digest('base64'))
})

test('readCertificate() gives certificates of one key the same pin', async () => {
  const ca = await authority()
  const keys = await makeKeyPair('p-256')
  const one = await client(ca, { keys })
  const other = await client(ca, { keys, commonName: 'another' })
  assert.equal(one.certificate.pin, other.certificate.pin)
  assert.notEqual(one.certificate.thumbprint, other.certificate.thumbprint)
})

test('pinOf() is the same of a private key, its public half and its certificate', async () => {
  const { certificate, privateKey } = await client(await authority())
  assert.equal(pinOf(privateKey), certificate.pin)
  assert.equal(pinOf(certificate.publicKey), certificate.pin)
})

test('readCertificate() refuses what is not exactly one certificate', async () => {
  const { certificate } = await client(await authority())
  const { der } = certificate
  const inputs = [
    Buffer.alloc(0),
    Buffer.from('AAAA'),
    der.subarray(0, -1),
    Buffer.concat([der, Buffer.from([0])]),
    Buffer.concat([der, der]),
    Buffer.from(certificatePem(certificate)),
    Buffer.alloc(65 * 1024, 0x30),
  ]
  for (const input of inputs) assert.throws(() => readCertificate(input), unreadable)
})

test('readCertificate() answers hostile bytes with its own error or a certificate, and nothing else', async () => {
  const { der } = (await client(await authority())).certificate
  const flips = fc.array(fc.tuple(fc.nat(der.length - 1), fc.nat(255)), {
    minLength: 1,
    maxLength: 4,
  })
  fc.assert(
    fc.property(flips, (changes) => {
      const bytes = Buffer.from(der)
      for (const [at, value] of changes) bytes[at] = value
      try {
        assert.equal(readCertificate(bytes).thumbprint.length, 40)
      } catch (error) {
        assert.ok(unreadable(error), String(error))
      }
    }),
    { numRuns: 2000 },
  )
})

test('readCertificates() reads DER, and every certificate of a PEM text in its order', async () => {
  const ca = await authority()
  const { certificate } = await client(ca)
  const chain = `text before\n${certificatePem(certificate)}between\r\n${certificatePem(ca.certificate)}`
  const thumbprints = [certificate.thumbprint, ca.certificate.thumbprint]
  assert.deepEqual(
    readCertificates(Buffer.from(chain)).map((one) => one.thumbprint),
    thumbprints,
  )
  assert.deepEqual(
    readCertificates(certificate.der).map((one) => one.thumbprint),
    thumbprints.slice(0, 1),
  )
})

test('readCertificates() refuses PEM without certificates, and too many', async () => {
  const pem = certificatePem((await authority()).certificate)
  const none = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'
  for (const text of [none, '-----BEGIN CERTIFICATE-----\n', pem.repeat(101)]) {
    assert.throws(() => readCertificates(Buffer.from(text)), unreadable)
  }
})

test('verifyIssuedBy() asks the key of the issuer, not its name', async () => {
  const ca = await authority('Same name')
  const impostor = await authority('Same name')
  const { certificate } = await client(ca)
  assert.ok(verifyIssuedBy(certificate, ca.certificate))
  assert.equal(verifyIssuedBy(certificate, impostor.certificate), false)
  assert.equal(verifyIssuedBy(ca.certificate, certificate), false)
})

test('verifyIssuedBy() takes no signature of one that is no authority', async () => {
  const { certificate, privateKey } = await client(await authority())
  const forged = await client({ certificate, privateKey }, { commonName: 'forged' })
  assert.equal(verifyIssuedBy(forged.certificate, certificate), false)
})
