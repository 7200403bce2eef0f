import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { Certificate } from '#shared/pki/certificate.ts'
import { type RenewalQuestion, renewAt, renewalReason } from '#shared/pki/renewal.ts'
import * as certificates from '#test/support/certificates.ts'

let certificate: Certificate

before(async () => {
  const ca = await certificates.authority()
  certificate = (await certificates.server(ca)).certificate
})

function ask(changes: Partial<RenewalQuestion> = {}): ReturnType<typeof renewalReason> {
  return renewalReason({
    certificate,
    nowMs: certificates.year2026,
    names: ['localhost', '127.0.0.1'],
    isIssuedByUs: () => true,
    ...changes,
  })
}

test('renewalReason() finds none for a certificate that fits', () => {
  assert.equal(ask(), undefined)
  assert.equal(ask({ names: [] }), undefined)
})

test('renewalReason() names each thing that is wrong, the most telling first', () => {
  assert.equal(ask({ certificate: undefined }), 'Missing')
  assert.equal(ask({ isIssuedByUs: () => false, names: ['elsewhere'] }), 'IncorrectIssuer')
  assert.equal(ask({ names: ['localhost', 'elsewhere'] }), 'NamesMissing')
})

test('renewalReason() renews at two thirds of the life, and knows when it is too late', () => {
  const due = renewAt(certificate)
  assert.equal(ask({ nowMs: due - 1 }), undefined)
  assert.equal(ask({ nowMs: due }), 'Renewing')
  assert.equal(ask({ nowMs: certificate.notAfter - 1 }), 'Renewing')
  assert.equal(ask({ nowMs: certificate.notAfter }), 'Expired')
})

test('renewAt() is two thirds into the life, whatever its length', () => {
  assert.equal(renewAt({ notBefore: 1000, notAfter: 1300 }), 1200)
  assert.equal(renewAt({ notBefore: 0, notAfter: 1 }), 0)
})
