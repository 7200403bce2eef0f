import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import fc from 'fast-check'
import { hasCode } from '#shared/errors.ts'
import { isSelfSigned, readCertificate, verifyIssuedBy } from '#shared/pki/certificate.ts'
import {
  issueClientCertificate,
  issueServerCertificate,
  makeAuthority,
  makeKeyPair,
} from '#shared/pki/issue.ts'
import { authority, client, days, server, year2026 } from '#test/support/certificates.ts'

const validity = { notBefore: Date.UTC(2026, 0), notAfter: Date.UTC(2027, 0) }

test('makeAuthority() makes a certificate that signs itself and may sign others', async () => {
  const { certificate } = await authority('Root of tests')
  assert.equal(certificate.commonName, 'Root of tests')
  assert.equal(certificate.subject, certificate.issuer)
  assert.ok(certificate.isAuthority)
  assert.ok(isSelfSigned(certificate))
})

test('issueServerCertificate() makes a certificate for servers only, with its names', async () => {
  const ca = await authority()
  const { certificate } = await server(ca)
  assert.ok(verifyIssuedBy(certificate, ca.certificate))
  assert.ok(certificate.allowsServerAuth)
  assert.equal(certificate.allowsClientAuth, false)
  assert.equal(certificate.isAuthority, false)
  assert.deepEqual(certificate.dnsNames, ['localhost'])
  assert.deepEqual(certificate.ipAddresses, ['127.0.0.1', '::1'])
  const keyUsageDigitalSignatureOnly = '0603551d0f0101ff040403020780'
  assert.ok(certificate.der.toString('hex').includes(keyUsageDigitalSignatureOnly))
})

test('issueClientCertificate() makes a certificate for clients only, valid as ordered', async () => {
  const ca = await authority()
  const validity = days(30)
  const { certificate } = await client(ca, { validity })
  assert.ok(certificate.allowsClientAuth)
  assert.equal(certificate.allowsServerAuth, false)
  assert.deepEqual(
    [certificate.notBefore, certificate.notAfter],
    [validity.notBefore, validity.notAfter],
  )
})

test('issueClientCertificate() with RSA keys makes RSA 3072 by default', async () => {
  const keys = await makeKeyPair('rsa-3072')
  const { certificate } = await client(await authority(), { keys })
  assert.equal(certificate.publicKey.asymmetricKeyDetails?.modulusLength, 3072)
})

test('issueClientCertificate() gives every certificate its own serial of 128 bits', async () => {
  const ca = await authority()
  const keys = await makeKeyPair('p-256')
  const serials = await Promise.all(
    Array.from({ length: 20 }, async () => (await client(ca, { keys })).certificate.serial),
  )
  assert.equal(new Set(serials).size, 20)
  for (const serial of serials) assert.match(serial, /^[4-7][0-9A-F]{31}$/)
})

test('issueClientCertificate() keeps any name as one common name', async () => {
  const ca = await authority()
  const keys = await makeKeyPair('p-256')
  for (const commonName of [
    'x,CN=z',
    'a+b',
    '#0401',
    '"q"',
    'lab-x y/ä',
    '\\',
    '../../x',
    '用户',
    'CN=y',
  ]) {
    const { certificate } = await client(ca, { commonName, keys })
    assert.equal(certificate.commonName, commonName)
    assert.equal(certificate.subject.split('CN=').length, commonName.split('CN=').length + 1)
    const legacy = new X509Certificate(certificate.der).toLegacyObject().subject
    assert.equal(typeof legacy.CN, 'string', `more than one common name from ${commonName}`)
  }
})

test('issueClientCertificate() keeps every printable name', async () => {
  const ca = await authority()
  const keys = await makeKeyPair('p-256')
  const printable = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
    .filter((name) => name.trim() !== '' && [...name].length <= 64 && !/\p{Cc}|\p{Cs}/u.test(name))
  await fc.assert(
    fc.asyncProperty(printable, async (commonName) => {
      assert.equal((await client(ca, { commonName, keys })).certificate.commonName, commonName)
    }),
    { numRuns: 50 },
  )
})

test('issueClientCertificate() refuses names and times that make no certificate', async () => {
  const ca = await authority()
  const keys = await makeKeyPair('p-256')
  for (const commonName of ['', '  ', 'a\nb', 'a\0', 'x'.repeat(65)]) {
    await assert.rejects(client(ca, { commonName, keys }), (error) =>
      hasCode(error, 'CommonNameInvalid'),
    )
  }
  const validity = { notBefore: year2026, notAfter: year2026 }
  await assert.rejects(client(ca, { validity, keys }), (error) => hasCode(error, 'ValidityInvalid'))
})

test('issueClientCertificate() reads the same in another library as in OpenSSL', async () => {
  const authority = await makeAuthority({
    commonName: 'authority',
    validity: { notBefore: Date.UTC(2026, 0), notAfter: Date.UTC(2050, 0, 1, 2, 3, 4) },
    keys: await makeKeyPair('rsa-3072'),
  })
  const { certificate } = await issueClientCertificate(authority, {
    commonName: 'shop',
    validity: { notBefore: Date.UTC(2026, 1, 3, 4, 5, 6), notAfter: Date.UTC(2049, 11, 31) },
    keys: await makeKeyPair('p-256'),
  })
  const [read, by] = [certificate, authority.certificate].map(
    ({ der }) => new x509.X509Certificate(new Uint8Array(der)),
  )
  assert.ok(read !== undefined && by !== undefined)
  assert.equal(read.subject, 'CN=shop')
  assert.equal(read.issuer, 'CN=authority')
  assert.equal(read.notBefore.getTime(), certificate.notBefore)
  assert.equal(read.notAfter.getTime(), Date.UTC(2049, 11, 31))
  assert.equal(by.notAfter.getTime(), Date.UTC(2050, 0, 1, 2, 3, 4))
  assert.ok(await read.verify({ publicKey: by.publicKey, signatureOnly: true }))
  const keyId = by.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId
  assert.equal(read.getExtension(x509.AuthorityKeyIdentifierExtension)?.keyId, keyId)
  assert.equal(read.getExtension(x509.BasicConstraintsExtension)?.ca, false)
})

test("issueServerCertificate() takes over the name of somebody else's authority byte by byte, and derives its key id if it has none", async () => {
  const keys = await makeKeyPair('p-256')
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'C=DE, O="Acme, Inc.", OU=Keys+2.5.4.5=7, CN=Root, E=root@example.com',
    notBefore: new Date(validity.notBefore),
    notAfter: new Date(validity.notAfter),
    signingAlgorithm: algorithm,
    keys: {
      publicKey: keys.publicKey.toCryptoKey(algorithm, true, ['verify']),
      privateKey: keys.privateKey.toCryptoKey(algorithm, true, ['sign']),
    },
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  })
  const root = readCertificate(Buffer.from(made.rawData))
  const { certificate } = await issueServerCertificate(
    { certificate: root, privateKey: keys.privateKey },
    { commonName: 'db', dnsNames: ['db.example.com'], ipAddresses: [], validity, keys },
  )
  assert.equal(certificate.issuer, root.subject)
  assert.ok(verifyIssuedBy(certificate, root))
})

test('issueServerCertificate() leaves out a common name of more than 64 characters, and is valid for its names', async () => {
  const ca = await authority()
  const host = `${'long-label.'.repeat(8)}example.com`
  const given = { dnsNames: [host, 'Short.Example.'], ipAddresses: ['2001:DB8:0::1'] }
  const { certificate } = await issueServerCertificate(ca, {
    ...{ commonName: host, ...given, validity: days(90), keys: await makeKeyPair('p-256') },
  })
  assert.deepEqual([certificate.subject, certificate.commonName], ['', ''])
  assert.deepEqual(certificate.dnsNames, [host, 'short.example'])
  assert.deepEqual(certificate.ipAddresses, ['2001:db8::1'])
  assert.ok(verifyIssuedBy(certificate, ca.certificate))
  assert.equal(new X509Certificate(certificate.der).checkHost(host), host)
  const named = new x509.X509Certificate(certificate.der).getExtension('2.5.29.17')
  assert.equal(named?.critical, true, 'as an empty subject demands')
})
