import assert from 'node:assert/strict'
import { test } from 'node:test'
import { strongroomCertificates } from '#operator/api/certificate.ts'
import { strongroomIssuers } from '#operator/api/issuer.ts'
import { observe } from '#operator/certificates/observe.ts'
import { signerOf } from '#operator/certificates/signer.ts'
import { secrets } from '#operator/kube/kinds.ts'
import { tlsData } from '#operator/kube/tls-secret.ts'
import { authority } from '#test/support/certificates.ts'
import { FakeAdmin } from '#test/support/fake-admin.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import { caIssuer, certificate, issuer, secret } from '#test/support/resources.ts'
import { ofVault, syncedCache } from '#test/support/synced-cache.ts'

async function seen(issuerRef: object | undefined) {
  const kube = new FakeKube()
  const [own, theirs] = [await authority('clients'), await authority('Private CA')]
  const spec = issuerRef === undefined ? {} : { issuerRef: { name: 'private', ...issuerRef } }
  await kube.create(strongroomCertificates, certificate({ spec }))
  await kube.create(strongroomIssuers, caIssuer())
  await kube.create(strongroomIssuers, issuer())
  await kube.create(secrets, { ...ofVault(secret('vault-client-ca', {})), data: tlsData(own) })
  await kube.create(secrets, { ...secret('private-ca', {}), data: tlsData(theirs) })
  await using synced = await syncedCache(kube)
  const means = { kube, cache: synced.cache, clock: synced.time, connect: () => new FakeAdmin() }
  const { authority: found, signingSecret } = (await observe('shop/shop', means)) ?? assert.fail()
  const signer = found.kind === 'usable' ? found.certificate.commonName : found.reason
  return [signer, signingSecret]
}

test('signerFor() is the client CA of the cluster, or what a ca issuer of ours holds', async () => {
  assert.deepEqual(await seen(undefined), ['clients', undefined])
  assert.deepEqual(await seen({}), ['Private CA', 'private-ca'])
  assert.deepEqual(await seen({ group: 'strongroom.dev' }), ['Private CA', 'private-ca'])
})

test('signerFor() says why an issuer signs nothing', async () => {
  assert.deepEqual(await seen({ name: 'none' }), ['IssuerNotFound', undefined])
  assert.deepEqual(await seen({ name: 'public' }), ['NotACaIssuer', undefined])
})

test('signerOf() leaves issuers of cert-manager to others', () => {
  const named = (issuerRef: object) =>
    signerOf(certificate({ spec: { issuerRef: { name: 'a', ...issuerRef } } }))
  assert.equal(named({}), 'a')
  assert.equal(named({ kind: 'StrongroomIssuer' }), 'a')
  assert.equal(named({ group: 'cert-manager.io' }), undefined)
  assert.equal(signerOf(certificate()), undefined)
})
