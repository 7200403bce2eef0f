import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { unzipSync } from 'fflate'
import {
  archiveDisposition,
  certificateArchive,
  generateCertificate,
} from '#server/system/generate-certificate.ts'
import { hasCode } from '#shared/errors.ts'
import { readCertificates } from '#shared/pki/certificate.ts'
import type { Issued } from '#shared/pki/issue.ts'
import { readPrivateKey } from '#shared/pki/pem.ts'
import { readPfx } from '#shared/pki/pfx-read.ts'
import { authority, year2026 } from '#test/support/certificates.ts'

const day = 24 * 60 * 60 * 1000
let ca: Issued
let made: Issued

before(async () => {
  ca = await authority()
  made = await generateCertificate(ca, { name: 'shop', now: year2026 })
})

test('generateCertificate() makes RSA for five years, for clients only', () => {
  const { certificate } = made
  assert.equal(certificate.publicKey.asymmetricKeyType, 'rsa')
  assert.equal(certificate.notAfter, year2026 + 5 * 365 * day)
  assert.ok(certificate.allowsClientAuth && !certificate.allowsServerAuth)
})

test('generateCertificate() makes it for the dates that are asked for', async () => {
  const wanted = { validFrom: year2026 + day, validUntil: year2026 + 2 * day }
  const { certificate } = await generateCertificate(ca, { name: 'a', now: year2026, ...wanted })
  assert.deepEqual(
    [certificate.notBefore, certificate.notAfter],
    [wanted.validFrom, wanted.validUntil],
  )
})

test('generateCertificate() refuses ends in the past, beyond ten years, and before the beginning', async () => {
  const wrong = [
    { validUntil: year2026 },
    { validUntil: year2026 - day },
    { validUntil: year2026 + 3661 * day },
    { validFrom: year2026 + day, validUntil: year2026 + day },
  ]
  for (const dates of wrong) {
    await assert.rejects(generateCertificate(ca, { name: 'a', now: year2026, ...dates }), (error) =>
      hasCode(error, 'CertificateLifetimeInvalid'),
    )
  }
})

function filesOf(archive: Buffer): Readonly<Record<string, Buffer>> {
  const files = Object.entries(unzipSync(archive))
  return Object.fromEntries(files.map(([name, bytes]) => [name, Buffer.from(bytes)]))
}

test('certificateArchive() holds what RavenDB’s suite looks for', async () => {
  const archive = await certificateArchive(made, 'shop', undefined)
  assert.equal(archive.toString('latin1', 0, 2), 'PK')
  assert.ok(archive.length > 4096)
  const files = filesOf(archive)
  assert.deepEqual(Object.keys(files), ['shop.pfx', 'shop.crt', 'shop.key'])
  assert.equal(
    readCertificates(files['shop.crt'] ?? Buffer.alloc(0))[0]?.thumbprint,
    made.certificate.thumbprint,
  )
  assert.match(String(files['shop.crt']), /-----END CERTIFICATE-----\n$/)
  assert.match(String(files['shop.key']), /^-----BEGIN RSA PRIVATE KEY-----\n[^:]+$/)
  const pfx = await readPfx(files['shop.pfx'] ?? Buffer.alloc(0))
  assert.ok(pfx.privateKey?.equals(made.privateKey))
})

test('certificateArchive() protects both files that hold the key where there is a password', async () => {
  const files = filesOf(await certificateArchive(made, 'shop', 'secret'))
  const { 'shop.pfx': pfx = Buffer.alloc(0), 'shop.key': key = Buffer.alloc(0) } = files
  await assert.rejects(readPfx(pfx))
  assert.ok((await readPfx(pfx, 'secret')).privateKey?.equals(made.privateKey))
  assert.throws(() => readPrivateKey(key.toString()))
  assert.match(key.toString(), /^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/)
  assert.ok(readPrivateKey(key.toString(), 'secret').equals(made.privateKey))
})

test('certificateArchive() has names that stay in their folder', async () => {
  const files = filesOf(await certificateArchive(made, '../../x', undefined))
  assert.deepEqual(Object.keys(files), ['_.._x.pfx', '_.._x.crt', '_.._x.key'])
})

test('archiveDisposition() is one plain word, whatever the name', () => {
  for (const name of ['shop', 'lab-x y/ä,CN=z', '"; x="', "a'(b)*!", '../../x']) {
    assert.match(archiveDisposition(name), /^attachment; filename=[\w.%~-]+\.zip$/)
  }
  assert.equal(archiveDisposition('lab-x y'), 'attachment; filename=lab-x%20y.zip')
})
