import assert from 'node:assert/strict'
import { createHash, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  basicConstraints,
  extendedKeyUsage,
  extensionList,
  keyIdentifier,
  keyUsage,
  subjectAlternativeName,
} from '#shared/pki/extensions.ts'
import { issueServerCertificate, makeAuthority, makeKeyPair } from '#shared/pki/issue.ts'

const validity = { notBefore: Date.UTC(2026, 0), notAfter: Date.UTC(2027, 0) }

test('basicConstraints(), keyUsage() and extendedKeyUsage() write what the standard shows', () => {
  const hex = (extension: { readonly der: Buffer }): string => extension.der.toString('hex')
  assert.equal(hex(basicConstraints(true)), '30060101ff020100')
  assert.equal(hex(basicConstraints(false)), '3000')
  assert.equal(hex(keyUsage(true)), '03020106')
  assert.equal(hex(keyUsage(false)), '03020780')
  assert.equal(hex(extendedKeyUsage('server')), '300a06082b06010505070301')
  assert.equal(hex(extendedKeyUsage('client')), '300a06082b06010505070302')
})

test('extensionList() says `critical` only of what is', () => {
  const list = extensionList([basicConstraints(false), extendedKeyUsage('server')])
  assert.equal(
    list.toString('hex'),
    '3023300c0603551d130101ff0402300030130603551d25040c300a06082b06010505070301',
  )
})

test('keyIdentifier() is the one that OpenSSL and the standard derive from a key', async () => {
  const keys = await makeKeyPair('p-256')
  const bits = keys.publicKey.export({ type: 'spki', format: 'der' }).subarray(26)
  assert.equal(bits[0], 0x04, 'an uncompressed point')
  assert.deepEqual(keyIdentifier(keys.publicKey), createHash('sha1').update(bits).digest())
})

test('subjectAlternativeName() keeps every name and address, as OpenSSL reads them', async () => {
  const keys = await makeKeyPair('p-256')
  const authority = await makeAuthority({ commonName: 'authority', validity, keys })
  const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/)
  const dnsName = fc
    .tuple(fc.boolean(), fc.array(label, { minLength: 1, maxLength: 4 }))
    .map(([isWild, labels]) => `${isWild ? '*.' : ''}${labels.join('.')}x`)
  await fc.assert(
    fc.asyncProperty(
      fc.array(dnsName, { maxLength: 4 }),
      fc.array(fc.oneof(fc.ipV4(), fc.ipV6()), { maxLength: 4 }),
      async (dnsNames, ipAddresses) => {
        const subject = { commonName: 'db', dnsNames, ipAddresses, validity, keys }
        const { certificate } = await issueServerCertificate(authority, subject)
        assert.deepEqual(certificate.dnsNames, dnsNames)
        const read = new X509Certificate(certificate.der)
        for (const address of ipAddresses) assert.ok(read.checkIP(address), address)
        assert.equal(certificate.ipAddresses.length, ipAddresses.length)
      },
    ),
    { numRuns: 60 },
  )
})

test('subjectAlternativeName() refuses what could pose as another name', () => {
  for (const name of ['', 'a b', 'a\0.example.com', 'a\n'])
    assert.throws(() => subjectAlternativeName([name]), /it is no DNS name/, JSON.stringify(name))
})
