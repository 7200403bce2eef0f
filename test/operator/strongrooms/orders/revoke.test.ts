import assert from 'node:assert/strict'
import { test } from 'node:test'
import { strongrooms } from '#operator/api/strongroom.ts'
import { annotation } from '#operator/kube/labels.ts'
import { refused } from '#test/support/fake-ca.ts'
import { orderWorld } from '#test/support/order-world.ts'

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
