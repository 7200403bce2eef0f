import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { accountSecret, authorityOf, signingSecret } from '#operator/issuers/sign.ts'
import { tlsData } from '#operator/kube/tls-secret.ts'
import { verifyIssuedBy } from '#shared/pki/certificate.ts'
import { type Issued, makeKeyPair } from '#shared/pki/issue.ts'
import { authority, client, daysByDefault, year2026 } from '#test/support/certificates.ts'
import { caIssuer, issuer, secret } from '#test/support/resources.ts'

const dayMs = 86_400_000
let ca: Issued
before(async () => {
  ca = await authority('Private CA')
})

const held = (issued: Issued) => ({ ...secret('private-ca', {}), data: tlsData(issued) })
const reasonOf = (...question: Parameters<typeof authorityOf>): string => {
  const found = authorityOf(...question)
  return found.kind === 'usable' ? 'usable' : found.reason
}

test('authorityOf() is the CA in the Secret with its key, and signs', async () => {
  const found = authorityOf(caIssuer(), held(ca), year2026)
  assert.ok(found.kind === 'usable')
  const signer = { certificate: found.certificate, privateKey: found.key }
  assert.ok(verifyIssuedBy((await client(signer)).certificate, ca.certificate))
})

test('authorityOf() says why a CA cannot be used', async () => {
  const other = await makeKeyPair('p-256')
  const mixed = held({ certificate: ca.certificate, privateKey: other.privateKey })
  assert.equal(reasonOf(undefined, held(ca), year2026), 'IssuerNotFound')
  assert.equal(reasonOf(issuer(), held(ca), year2026), 'NotACaIssuer')
  assert.equal(reasonOf(caIssuer(), undefined, year2026), 'SecretNotFound')
  assert.equal(reasonOf(caIssuer(), secret('private-ca', {}), year2026), 'SecretInvalid')
  assert.equal(reasonOf(caIssuer(), mixed, year2026), 'KeyMismatch')
  assert.equal(reasonOf(caIssuer(), held(await client(ca)), year2026), 'NotAnAuthority')
  assert.equal(reasonOf(caIssuer(), held(ca), year2026 + (daysByDefault + 1) * dayMs), 'Expired')
  assert.equal(reasonOf(caIssuer(), held(ca), year2026 - 2 * dayMs), 'NotYetValid')
})

test('signingSecret() and accountSecret() are named by the issuer, or for it', () => {
  assert.equal(signingSecret(caIssuer()), 'private-ca')
  assert.equal(signingSecret(issuer()), undefined)
  assert.equal(accountSecret(issuer()), 'public-account')
  assert.equal(accountSecret(issuer({ acme: { accountKeySecretRef: { name: 'mine' } } })), 'mine')
})
