import assert from 'node:assert/strict'
import { test } from 'node:test'
import { strongrooms } from '#operator/api/strongroom.ts'
import { annotation } from '#operator/kube/labels.ts'
import { refused } from '#test/support/fake-ca.ts'
import { declared, orderWorld } from '#test/support/order-world.ts'
import { strongroom } from '#test/support/resources.ts'

const vault = { name: 'vault', namespace: 'shop' }

test('revoked() takes it as done where the CA had done it before', async () => {
  const it = await orderWorld()
  const sha256 = (await it.settle())?.certificate?.sha256
  const annotations = { [annotation.revoke]: `${sha256} superseded` }
  await it.kube.patch(strongrooms, vault, { metadata: { annotations } })
  Object.assign(it.ca, { revoke: () => Promise.reject(refused({ type: 'alreadyRevoked' })) })
  assert.equal((await it.settle())?.certificate?.revision, 2)
  assert.ok(it.reported.includes('CertificateRevoked'))
})

test('revoked() says that the CA refuses', async () => {
  const it = await orderWorld()
  const sha256 = (await it.settle())?.certificate?.sha256
  const annotations = { [annotation.revoke]: `${sha256}` }
  await it.kube.patch(strongrooms, vault, { metadata: { annotations } })
  Object.assign(it.ca, { revoke: () => Promise.reject(refused({ type: 'unauthorized' })) })
  await assert.rejects(it.pass())
  assert.ok(it.reported.includes('RevocationRefused'))
})

test('revoked() notes it beside the certificate: who finds it without its resource orders another', async () => {
  const it = await orderWorld()
  const sha256 = (await it.settle())?.certificate?.sha256
  const annotations = { [annotation.revoke]: `${sha256} keyCompromise` }
  await it.kube.patch(strongrooms, vault, { metadata: { annotations } })
  await assert.rejects(
    it.pass(() => true),
    /killed/,
  )
  assert.equal((await it.served())?.metadata.annotations?.[annotation.revoked], sha256)
  await it.kube.delete(strongrooms, vault)
  await it.kube.create(strongrooms, strongroom({ spec: declared }))
  assert.equal((await it.settle())?.certificate?.revision, 2)
  assert.equal(it.revoked.length, 1)
})
