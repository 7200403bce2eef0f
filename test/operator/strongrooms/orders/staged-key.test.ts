import assert from 'node:assert/strict'
import { test } from 'node:test'
import { secrets } from '#operator/kube/kinds.ts'
import { deleteStagedKey, stagedKey } from '#operator/strongrooms/orders/staged-key.ts'
import { pinOf } from '#shared/pki/certificate.ts'
import { privateKeyPem } from '#shared/pki/pem.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import { secret, strongroom } from '#test/support/resources.ts'

const name = 'vault-next-server-key'

test('stagedKey() makes a key once, and gives the waiting one from then on', async () => {
  const kube = new FakeKube()
  const [first, second] = [
    await stagedKey(kube, strongroom(), { kind: 'p-256' }),
    await stagedKey(kube, strongroom(), { kind: 'rsa-3072' }),
  ]
  assert.equal(privateKeyPem(first.privateKey), privateKeyPem(second.privateKey))
  assert.deepEqual(kube.writes, [`create Secret ${name}`])
  await deleteStagedKey(kube, strongroom())
  await deleteStagedKey(kube, strongroom())
  assert.equal(await kube.get(secrets, { name, namespace: 'shop' }), undefined)
})

test('stagedKey() makes another where the one that waits is in use already', async () => {
  const kube = new FakeKube()
  const first = await stagedKey(kube, strongroom(), { kind: 'p-256' })
  const used = pinOf(first.privateKey)
  const next = await stagedKey(kube, strongroom(), { kind: 'p-256', used })
  assert.notEqual(pinOf(next.privateKey), used)
})

test('stagedKey() never touches somebody else’s Secret', async () => {
  const kube = new FakeKube()
  await kube.create(secrets, secret(name, { theirs: 'x' }))
  await assert.rejects(stagedKey(kube, strongroom(), { kind: 'p-256' }), { name: 'NameTaken' })
  await deleteStagedKey(kube, strongroom())
  assert.ok(await kube.get(secrets, { name, namespace: 'shop' }))
})
