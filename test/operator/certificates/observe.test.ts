import assert from 'node:assert/strict'
import { test } from 'node:test'
import { strongroomCertificates } from '#operator/api/certificate.ts'
import { strongroomPermissions } from '#operator/api/permission.ts'
import { strongrooms } from '#operator/api/strongroom.ts'
import { observe } from '#operator/certificates/observe.ts'
import { secrets } from '#operator/kube/kinds.ts'
import { FakeAdmin } from '#test/support/fake-admin.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import { certificate, permission, secret, strongroom } from '#test/support/resources.ts'
import { syncedCache } from '#test/support/synced-cache.ts'

async function seen(
  spec: object = {},
  prepare: (kube: FakeKube) => Promise<unknown> = async () => 0,
) {
  const kube = new FakeKube()
  await kube.create(strongrooms, strongroom())
  await kube.create(strongroomCertificates, certificate({ spec }))
  await prepare(kube)
  await using synced = await syncedCache(kube)
  const means = { kube, cache: synced.cache, clock: synced.time, connect: () => new FakeAdmin() }
  assert.equal(await observe('shop/none', means), undefined)
  return (await observe('shop/shop', means)) ?? assert.fail()
}

test('observe() reads both Secrets themselves, whoever made them', async () => {
  const nothing = await seen()
  assert.deepEqual(
    [nothing.target, nothing.staged, nothing.trust],
    [undefined, undefined, undefined],
  )
  assert.equal(nothing.current.kind, 'unusable')
  const found = await seen({}, async (kube) => {
    await kube.create(secrets, secret('shop-tls', { a: 'x' }))
    await kube.create(secrets, secret('shop-next-key', { a: 'x' }))
  })
  assert.deepEqual(
    [found.target?.metadata.name, found.staged?.metadata.name],
    ['shop-tls', 'shop-next-key'],
  )
})

test('observe() sees the permissions on its cluster, and who else writes its Secret', async () => {
  const found = await seen({}, async (kube) => {
    const elsewhere = { clusterRef: { name: 'other' } }
    const another = { subject: { certificateRef: { name: 'other' } } }
    await kube.create(strongroomPermissions, permission())
    await kube.create(
      strongroomPermissions,
      permission({ metadata: { name: 'b' }, spec: elsewhere }),
    )
    await kube.create(strongroomPermissions, permission({ metadata: { name: 'c' }, spec: another }))
    await kube.create(strongroomCertificates, certificate({ metadata: { name: 'rival' } }))
    const free = certificate({ metadata: { name: 'free' }, spec: { secretName: 'free' } })
    await kube.create(strongroomCertificates, free)
  })
  assert.deepEqual(
    found.permissions.map(({ metadata }) => metadata.name),
    ['shop-orders', 'c'],
  )
  assert.deepEqual(
    found.rivals.map(({ metadata }) => metadata.name),
    ['rival'],
  )
})

test('observe() knows the password as declared: none asked for, found, or missing', async () => {
  const keystore = { passwordSecretRef: { name: 'pw', key: 'value' } }
  assert.equal((await seen()).password, '')
  assert.equal((await seen({ keystore })).password, undefined)
  const wrongKey = (kube: FakeKube) => kube.create(secrets, secret('pw', { other: 'x' }))
  assert.equal((await seen({ keystore }, wrongKey)).password, undefined)
  const right = (kube: FakeKube) => kube.create(secrets, secret('pw', { value: 'päss' }))
  assert.equal((await seen({ keystore }, right)).password, 'päss')
})

test('observe() takes the password without the line break behind it, and an empty one for missing', async () => {
  const keystore = { passwordSecretRef: { name: 'pw', key: 'value' } }
  for (const [value, password] of [
    ['päss\n', 'päss'],
    [' pä ss \r\n', ' pä ss '],
    ['pä\nss\n\n', 'pä\nss\n'],
    ['\n', undefined],
    ['', undefined],
  ] as const) {
    const put = (kube: FakeKube) => kube.create(secrets, secret('pw', { value }))
    assert.equal((await seen({ keystore }, put)).password, password, JSON.stringify(value))
  }
})
