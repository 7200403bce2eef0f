import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configuredShape, metadataShape, ownShape } from '#server/http/certificate-shapes.ts'
import { readCertificate } from '#shared/pki/certificate.ts'
import { authority } from '#test/support/certificates.ts'
import { registration } from '#test/support/registrations.ts'

test('the shapes have RavenDB’s members in RavenDB’s order', async () => {
  const { certificate } = await authority('shop')
  const item = configuredShape(
    registration(certificate, { permissions: { aLPHa: 'Read' } }),
    'Client',
  )
  const members =
    'Name Thumbprint SecurityClearance Permissions NotAfter NotBefore CollectionSecondaryKeys CollectionPrimaryKey PublicKeyPinningHash Disabled Usage SsoServerPublicKeyPinningHashes AllowAnySsoServer SsoIdentifiers Certificate'
  assert.equal(Object.keys(item).join(' '), members)
  assert.equal(Object.keys(metadataShape(item)).join(' '), members.replace(' Certificate', ''))
  assert.equal(
    Object.keys(ownShape(item)).join(' '),
    `${members} HasTwoFactor TwoFactorExpirationDate`,
  )
  assert.deepEqual(item.Permissions, { aLPHa: 'Read' })
  assert.match(String(item.NotAfter), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/)
  assert.equal(
    readCertificate(Buffer.from(String(item.Certificate), 'base64')).thumbprint,
    certificate.thumbprint,
  )
})
