import assert from 'node:assert/strict'
import { test } from 'node:test'
import { secrets } from '#operator/kube/kinds.ts'
import { annotation } from '#operator/kube/labels.ts'
import { heldCertificate } from '#operator/strongrooms/orders/held.ts'
import { keepCertificate } from '#operator/strongrooms/orders/keep.ts'
import { certificatePem } from '#shared/pki/pem.ts'
import { authority, server } from '#test/support/certificates.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import { secret, strongroom } from '#test/support/resources.ts'

test('keepCertificate() writes key, chain and notes in one update', async () => {
  const kube = new FakeKube()
  const { certificate, privateKey } = await server(await authority())
  const cluster = strongroom({ metadata: { annotations: { [annotation.renew]: 'today' } } })
  const keys = { privateKey, publicKey: certificate.publicKey }
  const arrived = {
    cluster,
    issuer: 'StrongroomIssuer le',
    chain: certificatePem(certificate),
    keys,
  }
  const first = await keepCertificate(kube, { ...arrived, held: undefined })
  assert.equal(kube.writes.length, 1)
  const held = heldCertificate(first, 'vault')
  assert.deepEqual([held?.revision, held?.renewed, held?.issuer], [1, 'today', arrived.issuer])
  await keepCertificate(kube, { ...arrived, held })
  const found = await kube.get(secrets, { name: 'vault-issued-tls', namespace: 'shop' })
  assert.equal(heldCertificate(found, 'vault')?.revision, 2)
})

test('keepCertificate() never overwrites somebody else’s Secret', async () => {
  const kube = new FakeKube()
  await kube.create(secrets, secret('vault-issued-tls', { theirs: 'x' }))
  const { certificate, privateKey } = await server(await authority())
  const keys = { privateKey, publicKey: certificate.publicKey }
  const chain = certificatePem(certificate)
  const arrived = { cluster: strongroom(), issuer: 'x', chain, keys, held: undefined }
  const before = kube.writes.length
  await assert.rejects(keepCertificate(kube, arrived), { name: 'NameTaken' })
  assert.deepEqual(kube.writes.slice(before), [])
})
