import assert from 'node:assert/strict'
import { test } from 'node:test'
import { strongroomCertificates } from '#operator/api/certificate.ts'
import { strongroomPermissions } from '#operator/api/permission.ts'
import { strongrooms } from '#operator/api/strongroom.ts'
import { secrets } from '#operator/kube/kinds.ts'
import { observe } from '#operator/permissions/observe.ts'
import { makeKeyPair } from '#shared/pki/issue.ts'
import { certificatePem } from '#shared/pki/pem.ts'
import { authority, client } from '#test/support/certificates.ts'
import { FakeAdmin } from '#test/support/fake-admin.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import { handmade, impossibleTimes } from '#test/support/handmade-certificates.ts'
import { certificate, permission, secret, strongroom } from '#test/support/resources.ts'
import { syncedCache } from '#test/support/synced-cache.ts'

async function scene(...permissions: ReturnType<typeof permission>[]) {
  const kube = new FakeKube()
  await kube.create(strongrooms, strongroom())
  await kube.create(strongroomCertificates, certificate())
  for (const one of permissions) await kube.create(strongroomPermissions, one)
  const synced = await syncedCache(kube)
  const means = { kube, cache: synced.cache, clock: synced.time, connect: () => new FakeAdmin() }
  return {
    kube,
    means,
    time: synced.time,
    [Symbol.asyncDispose]: () => synced[Symbol.asyncDispose](),
  }
}

const bySecret = permission({
  metadata: { name: 'theirs' },
  spec: { subject: { secretRef: { name: 'theirs' } } },
})

test('observe() sees the certificate that is named, and every permission of the cluster', async () => {
  await using it = await scene(permission(), permission({ metadata: { name: 'more' } }), bySecret)
  const observed = (await observe('shop/shop-orders', it.means)) ?? assert.fail()
  assert.ok(observed.subject.kind === 'certificate')
  assert.equal(observed.subject.resource?.metadata.name, 'shop')
  assert.deepEqual(
    observed.permissions.map(({ metadata }) => metadata.name),
    ['shop-orders', 'more', 'theirs'],
  )
  assert.equal(await observe('shop/none', it.means), undefined)
})

test('observe() says in words that a certificate in a Secret has a date that does not exist', async () => {
  const keys = await makeKeyPair('p-256')
  for (const notAfter of Object.values(impossibleTimes)) {
    const crt = certificatePem({ der: handmade(keys, { notAfter }) })
    await using it = await scene(bySecret)
    await it.kube.create(secrets, secret('theirs', { 'tls.crt': crt }))
    const { subject } = (await observe('shop/theirs', it.means)) ?? assert.fail()
    assert.ok(subject.kind === 'secret')
    assert.equal(subject.certificate, undefined)
    assert.match(JSON.stringify(subject), /tls.crt of Secret .* cannot be read: .*is no time/)
  }
})

test('observe() reads the leaf in a Secret, or says what is wrong with it', async () => {
  const ca = await authority()
  const leaf = await client(ca)
  const pem = certificatePem(leaf.certificate) + certificatePem(ca.certificate)
  const cases: readonly [Record<string, string> | undefined, RegExp | undefined][] = [
    [{ 'tls.crt': pem }, undefined],
    [undefined, /Secret "theirs" does not exist or lacks tls.crt/],
    [{ 'tls.key': 'x' }, /does not exist or lacks tls.crt/],
    [{ 'tls.crt': 'x' }, /tls.crt of Secret "theirs" cannot be read/],
  ]
  for (const [texts, trouble] of cases) {
    await using it = await scene(bySecret)
    if (texts !== undefined) await it.kube.create(secrets, secret('theirs', texts))
    const { subject } = (await observe('shop/theirs', it.means)) ?? assert.fail()
    assert.ok(subject.kind === 'secret')
    if (trouble === undefined)
      assert.equal(subject.certificate?.thumbprint, leaf.certificate.thumbprint)
    else assert.match(subject.trouble ?? '', trouble)
  }
})

test('observe() takes a thumbprint or a pin for a certificate that somebody registered', async () => {
  const spec = { subject: { thumbprint: 'A'.repeat(40) } }
  await using it = await scene(permission({ spec }))
  assert.deepEqual((await observe('shop/shop-orders', it.means))?.subject, { kind: 'registered' })
})
