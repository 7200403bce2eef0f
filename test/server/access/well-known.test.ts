import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { rootCertificates } from 'node:tls'
import {
  isWellKnown,
  nobodyWellKnown,
  parseThumbprints,
  readIssuers,
  wellKnownIssuerOf,
  wellKnownThumbprints,
} from '#server/access/well-known.ts'
import { hasCode } from '#shared/errors.ts'
import { type Certificate, readCertificates, verifyIssuedBy } from '#shared/pki/certificate.ts'
import { certificatePem } from '#shared/pki/pem.ts'
import { authority, client, year2026 } from '#test/support/certificates.ts'

const invalid = (error: unknown): boolean => hasCode(error, 'WellKnownInvalid')

test('parseThumbprints() reads lists in the spellings of people and tools', () => {
  const [one, other] = ['A'.repeat(40), 'B'.repeat(40)]
  const colons = one.toLowerCase().replace(/..(?=.)/g, '$&:')
  assert.deepEqual([...parseThumbprints(`${colons}; ${other},`)], [one, other])
  assert.deepEqual([...parseThumbprints('')], [])
})

test('parseThumbprints() refuses what is no thumbprint', () => {
  for (const setting of ['A'.repeat(39), 'A'.repeat(64), 'admin', `${'A'.repeat(40)};x`]) {
    assert.throws(() => parseThumbprints(setting), invalid)
  }
})

test('readIssuers() reads base64 of DER, and files in DER and PEM', async () => {
  const issuers = await Promise.all(['one', 'two', 'three', 'four'].map((name) => authority(name)))
  const [one, two, three, four] = issuers.map(({ certificate }) => certificate) as [
    Certificate,
    Certificate,
    Certificate,
    Certificate,
  ]
  const folder = await mkdtemp(join(tmpdir(), 'strongroom-issuers-'))
  try {
    await writeFile(join(folder, 'two.der'), two.der)
    await writeFile(join(folder, 'both.pem'), certificatePem(three) + certificatePem(four))
    const setting = `${one.der.toString('base64')}; ${join(folder, 'two.der')};${join(folder, 'both.pem')};`
    const read = await readIssuers(setting)
    assert.deepEqual(
      read.map(({ thumbprint }) => thumbprint),
      issuers.map(({ certificate }) => certificate.thumbprint),
    )
  } finally {
    await rm(folder, { recursive: true })
  }
  assert.deepEqual(await readIssuers(''), [])
})

test('readIssuers() refuses leaves, public authorities, and what it cannot read', async () => {
  const { certificate } = await client(await authority())
  const base64 = (one: Certificate): string => one.der.toString('base64')
  const [root] = readCertificates(Buffer.from(rootCertificates[0] ?? ''))
  assert.ok(root)
  for (const setting of [
    base64(certificate),
    base64(root),
    'MIIBAAAA',
    '/no/such/file.crt',
    'A'.repeat(40),
  ]) {
    await assert.rejects(readIssuers(setting), invalid)
  }
})

const at = (now: number) => ({ now, verify: verifyIssuedBy })

test('wellKnownIssuerOf() asks signatures and dates', async () => {
  const ca = await authority()
  const { certificate } = await client(ca)
  const issuers = [(await authority('Test CA')).certificate, ca.certificate]
  assert.equal(wellKnownIssuerOf(certificate, issuers, at(year2026)), ca.certificate)
  assert.equal(wellKnownIssuerOf(certificate, issuers, at(ca.certificate.notBefore - 1)), undefined)
  assert.equal(wellKnownIssuerOf(certificate, issuers.slice(0, 1), at(year2026)), undefined)
})

test('isWellKnown() asks for all bytes, or for the thumbprint of a setting', async () => {
  const { certificate } = await client(await authority())
  const { sha256, thumbprint } = certificate
  const listed = new Map([[sha256, certificate]])
  assert.equal(isWellKnown(nobodyWellKnown, certificate), false)
  assert.equal(isWellKnown({ ...nobodyWellKnown, certificates: listed }, certificate), true)
  const thumbprints = new Set([thumbprint])
  assert.equal(isWellKnown({ ...nobodyWellKnown, thumbprints }, certificate), true)
  const both = { ...nobodyWellKnown, thumbprints, certificates: listed }
  assert.deepEqual(wellKnownThumbprints(both), [thumbprint])
  assert.deepEqual(wellKnownThumbprints({ ...both, thumbprints: new Set() }), [thumbprint])
})
