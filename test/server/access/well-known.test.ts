import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rootCertificates } from 'node:tls'
import {
  demandPrivateIssuers,
  parseThumbprints,
  wellKnownIssuerOf,
} from '#server/access/well-known.ts'
import { hasCode } from '#shared/errors.ts'
import { readCertificates } from '#shared/pki/certificate.ts'
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

test('demandPrivateIssuers() refuses leaves, and public authorities', async () => {
  const ca = await authority()
  assert.deepEqual(demandPrivateIssuers([ca.certificate]), [ca.certificate])
  assert.throws(
    () =>
      demandPrivateIssuers([
        ca.certificate,
        ...readCertificates(Buffer.from(rootCertificates[0] ?? '')),
      ]),
    invalid,
  )
  const { certificate } = await client(ca)
  assert.throws(() => demandPrivateIssuers([certificate]), invalid)
})

test('wellKnownIssuerOf() asks signatures and dates', async () => {
  const ca = await authority()
  const { certificate } = await client(ca)
  const issuers = [(await authority('Test CA')).certificate, ca.certificate]
  assert.equal(wellKnownIssuerOf(certificate, issuers, year2026), ca.certificate)
  assert.equal(wellKnownIssuerOf(certificate, issuers, ca.certificate.notBefore - 1), undefined)
  assert.equal(wellKnownIssuerOf(certificate, issuers.slice(0, 1), year2026), undefined)
})
