import assert from 'node:assert/strict'
import { createHash, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { askedName, tlsAlpn01Certificate } from '#shared/acme/tls-alpn01-certificate.ts'
import { oid } from '#shared/pki/der-values.ts'
import { year2026 } from '#test/support/certificates.ts'

const keyAuthorization = `token.${'a'.repeat(43)}`

test('tlsAlpn01Certificate() holds the digest in a critical extension, one name, and its own signature', async () => {
  const proof = { name: 'vault.example.com', keyAuthorization, now: year2026 }
  const { certificate, privateKey } = await tlsAlpn01Certificate(proof)
  const x509 = new X509Certificate(certificate.der)
  assert.equal(x509.subjectAltName, 'DNS:vault.example.com')
  assert.equal(x509.checkPrivateKey(privateKey), true)
  assert.equal(x509.verify(x509.publicKey), true)
  const digest = createHash('sha256').update(keyAuthorization).digest()
  const extension = Buffer.concat([
    oid('1.3.6.1.5.5.7.1.31'),
    Buffer.from([0x01, 0x01, 0xff, 0x04, 34, 0x04, 32]),
    digest,
  ])
  assert.equal(certificate.der.includes(extension), true)
})

test('tlsAlpn01Certificate() is for an address where an address is proven, and takes names of any length', async () => {
  const made = (name: string) => tlsAlpn01Certificate({ name, keyAuthorization, now: year2026 })
  assert.deepEqual((await made('192.0.2.1')).certificate.ipAddresses, ['192.0.2.1'])
  assert.deepEqual((await made('192.0.2.1')).certificate.dnsNames, [])
  const long = `${'a'.repeat(63)}.${'b'.repeat(63)}.example.com`
  assert.deepEqual((await made(long)).certificate.dnsNames, [long])
})

for (const [name, asked] of [
  ['Vault.Example.com', 'vault.example.com'],
  ['192.0.2.1', '1.2.0.192.in-addr.arpa'],
  ['2001:db8::1', '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa'],
  ['2001:DB8:0:0:0:0:0:1', askedName('2001:db8::1')],
  ['::', `${'0.'.repeat(32)}ip6.arpa`],
  ['::ffff:192.0.2.1', askedName('::ffff:c000:201')],
] as const) {
  test(`askedName() of ${name} is what the CA puts into its ClientHello`, () => {
    assert.equal(askedName(name), asked)
  })
}
