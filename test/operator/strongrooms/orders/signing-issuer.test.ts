import assert from 'node:assert/strict'
import { test } from 'node:test'
import { signingIssuer } from '#operator/strongrooms/orders/signing-issuer.ts'
import { readCertificates } from '#shared/pki/certificate.ts'
import { makeKeyPair } from '#shared/pki/issue.ts'
import { authority, year2026 } from '#test/support/certificates.ts'

test('signingIssuer() signs for the names, not beyond its own end, and knows its own', async () => {
  const { certificate, privateKey: key } = await authority('own')
  const nowMs = certificate.notAfter - 1000
  const usable = { kind: 'usable', certificate, chain: [], key } as const
  const issuer = signingIssuer(usable, { now: () => nowMs })
  const { chain, ca } = await issuer.sign(['a.test', '*.a.test'], await makeKeyPair('p-256'))
  const [leaf, ...more] = readCertificates(Buffer.from(chain))
  assert.deepEqual(leaf?.dnsNames, ['a.test', '*.a.test'])
  assert.equal(leaf?.notAfter, certificate.notAfter)
  assert.deepEqual(more, [])
  assert.equal(readCertificates(Buffer.from(ca))[0]?.sha256, certificate.sha256)
  assert.equal(issuer.hasSigned(leaf?.der ?? Buffer.alloc(0)), true)
  const other = await authority('other')
  assert.equal(issuer.hasSigned(other.certificate.der), false)
  assert.ok(year2026 < nowMs)
})
