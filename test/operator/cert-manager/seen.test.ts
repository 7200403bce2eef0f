import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serverCertificate } from '#operator/cert-manager/desired.ts'
import { certManagerSeen } from '#operator/cert-manager/seen.ts'
import { certManagerCertificates, certManagerRequests } from '#operator/kube/kinds.ts'
import { request } from '#test/support/cert-manager.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import { strongroom } from '#test/support/resources.ts'
import { ofVault, syncedCache } from '#test/support/synced-cache.ts'

const name = 'vault-cert-manager-tls'
const cluster = strongroom()
const asked = serverCertificate(cluster, {
  issuerRef: { group: 'cert-manager.io', kind: 'Issuer', name: 'ca' },
  dnsNames: ['db.example.com'],
})

async function seen(prepare: (kube: FakeKube) => Promise<unknown>) {
  const kube = new FakeKube()
  await prepare(kube)
  await using synced = await syncedCache(kube)
  return certManagerSeen(synced.cache, cluster, name)
}

test('certManagerSeen() finds the Certificate that was made for the resource, and its requests', async () => {
  const found = await seen(async (kube) => {
    await kube.create(certManagerCertificates, asked)
    await kube.create(certManagerRequests, ofVault(request(name, 1)))
    await kube.create(certManagerRequests, ofVault(request('another', 1)))
  })
  assert.equal(found.isPresent, true)
  assert.equal(found.certificate?.metadata.name, name)
  assert.deepEqual(
    found.requests.map(({ metadata }) => metadata.name),
    [`${name}-1`],
  )
})

test('certManagerSeen() does not take a Certificate for ours that was made for another resource', async () => {
  const [owner] = asked.metadata.ownerReferences ?? []
  const ownerReferences = [{ ...(owner ?? assert.fail()), name: 'other', uid: 'another' }]
  const found = await seen((kube) =>
    kube.create(certManagerCertificates, {
      ...asked,
      metadata: { ...asked.metadata, ownerReferences },
    }),
  )
  assert.equal(found.certificate, undefined)
})

test('certManagerSeen() says that nothing is there where the kind is not defined', async () => {
  const found = await seen(async (kube) => kube.undefine(certManagerCertificates))
  assert.deepEqual(found, { isPresent: false, certificate: undefined, requests: [] })
})
