import assert from 'node:assert/strict'
import { createHash, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { rootCertificates } from 'node:tls'
import fc from 'fast-check'
import { hasCode } from '#shared/errors.ts'
import {
  pinOf,
  readCertificate,
  readCertificates,
  verifyIssuedBy,
} from '#shared/pki/certificate.ts'
import { sequence, tagged } from '#shared/pki/der.ts'
import { makeKeyPair } from '#shared/pki/issue.ts'
import { certificatePem } from '#shared/pki/pem.ts'
import { authority, client } from '#test/support/certificates.ts'
import { generalizedTime, handmade, impossibleTimes } from '#test/support/handmade-certificates.ts'
import { seeded } from '#test/support/seeded.ts'

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

for (const [what, notAfter] of Object.entries(impossibleTimes)) {
  test(`readCertificate() refuses a certificate whose end is ${what}`, async () => {
    const keys = await makeKeyPair('p-256')
    assert.throws(() => readCertificate(handmade(keys, { notAfter })), unreadable)
    assert.throws(() => readCertificate(handmade(keys, { notBefore: notAfter })), unreadable)
  })
}

test('readCertificate() reads the last second that there is', async () => {
  const notAfter = generalizedTime('99991231235959Z')
  const { notAfter: read } = readCertificate(handmade(await makeKeyPair('p-256'), { notAfter }))
  assert.equal(new Date(read).toISOString(), '9999-12-31T23:59:59.000Z')
})

test('readCertificate() reads every root that Node trusts, as OpenSSL does', () => {
  for (const pem of rootCertificates) {
    const node = new X509Certificate(pem)
    const { notBefore, notAfter, isAuthority, commonName } = readCertificate(node.raw)
    assert.equal(notBefore, node.validFromDate.getTime(), node.subject)
    assert.equal(notAfter, node.validToDate.getTime(), node.subject)
    assert.equal(isAuthority, node.ca, node.subject)
    const { CN } = node.toLegacyObject().subject as { readonly CN?: string | string[] }
    assert.equal(commonName, [CN ?? ''].flat().at(-1), node.subject)
  }
})

test('readCertificate() refuses a key that cannot be decoded', async () => {
  const keys = await makeKeyPair('p-256')
  const spki = keys.publicKey.export({ type: 'spki', format: 'der' })
  spki.writeUInt8(spki.readUInt8(spki.length - 1) ^ 1, spki.length - 1)
  const unknown = sequence(sequence(Buffer.from([6, 2, 0x2a, 3])), tagged(3, Buffer.from([0, 1])))
  for (const key of [spki, unknown, sequence()])
    assert.throws(() => readCertificate(handmade(keys, { key })), unreadable)
})

test('readCertificate() gives every certificate that it reads dates that can be written', async () => {
  const { der } = (await client(await authority())).certificate
  const random = seeded(29)
  for (let run = 0; run < 3000; run += 1) {
    const bytes = Buffer.from(der)
    for (let flips = random.whole(1, 3); flips > 0; flips -= 1)
      bytes[random.whole(0, bytes.length - 1)] = random.whole(0, 255)
    try {
      const { notBefore, notAfter } = readCertificate(bytes)
      for (const time of [notBefore, notAfter])
        assert.match(new Date(time).toISOString(), /^\d{4}-/)
    } catch (error) {
      assert.ok(unreadable(error), `run ${run}: ${error}`)
    }
  }
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

test('readCertificates() refuses a text of which it can read only some', async () => {
  const pem = certificatePem((await authority()).certificate)
  const damaged = pem.replace('\nM', '\n!')
  assert.throws(() => readCertificates(Buffer.from(pem + damaged)), unreadable)
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
