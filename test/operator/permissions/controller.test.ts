import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Attempts } from '#operator/access/attempts.ts'
import { strongroomCertificates } from '#operator/api/certificate.ts'
import { type StrongroomPermission, strongroomPermissions } from '#operator/api/permission.ts'
import { strongrooms } from '#operator/api/strongroom.ts'
import { pods, secrets } from '#operator/kube/kinds.ts'
import { finalizer } from '#operator/kube/labels.ts'
import { reconcilePermission, wakePermissions } from '#operator/permissions/controller.ts'
import { WorkQueue } from '#operator/runtime/queue.ts'
import { certificatePem } from '#shared/pki/pem.ts'
import { authority, client } from '#test/support/certificates.ts'
import { FakeAdmin } from '#test/support/fake-admin.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import {
  certificate,
  permission,
  readyStrongroom,
  secret,
  strongroom,
} from '#test/support/resources.ts'
import { pod, syncedCache, trustObjects } from '#test/support/synced-cache.ts'

const bySecret = permission({
  metadata: { name: 'theirs' },
  spec: { subject: { secretRef: { name: 'theirs' } } },
})

async function scene(...permissions: ReturnType<typeof permission>[]) {
  const kube = new FakeKube()
  await kube.create(strongrooms, strongroom())
  await kube.create(strongroomCertificates, certificate())
  for (const one of permissions) await kube.create(strongroomPermissions, one)
  const synced = await syncedCache(kube)
  const means = {
    report: async () => undefined,
    follow: () => undefined,
    kube,
    cache: synced.cache,
    clock: synced.time,
    attempts: new Attempts({ clock: synced.time, random: () => 0.5 }),
    connect: () => new FakeAdmin(),
  }
  return {
    kube,
    means,
    time: synced.time,
    [Symbol.asyncDispose]: () => synced[Symbol.asyncDispose](),
  }
}

test('wakePermissions() wakes with itself, others of its subject, its certificate and its cluster', async () => {
  await using it = await scene(permission(), bySecret)
  const woken = new Set<string>()
  const queue = new WorkQueue({ timers: it.time, now: it.time.now })
  queue.add = (key) => void woken.add(key)
  wakePermissions(it.means, queue)
  const after = async (work: Promise<unknown>): Promise<string[]> => {
    woken.clear()
    await work
    await it.time.pass(1)
    return [...woken].toSorted()
  }
  const change = { metadata: { labels: { a: 'b' } } }
  const ref = (name: string) => ({ name, namespace: 'shop' })
  const more = permission({ metadata: { name: 'more' } })
  assert.deepEqual(await after(it.kube.create(strongroomPermissions, more)), [
    'shop/more',
    'shop/shop-orders',
  ])
  assert.deepEqual(await after(it.kube.patch(strongroomCertificates, ref('shop'), change)), [
    'shop/more',
    'shop/shop-orders',
  ])
  assert.deepEqual(await after(it.kube.patch(strongrooms, ref('vault'), change)), [
    'shop/more',
    'shop/shop-orders',
    'shop/theirs',
  ])
  assert.deepEqual(await after(it.kube.delete(strongroomPermissions, ref('more'))), [
    'shop/more',
    'shop/shop-orders',
  ])
})

test('reconcilePermission() is done with what is gone, and waits for what it needs', async () => {
  await using it = await scene(permission())
  assert.deepEqual(await reconcilePermission('shop/none', it.means), { kind: 'done' })
  assert.deepEqual(await reconcilePermission('shop/shop-orders', it.means), {
    kind: 'waiting',
    for: 'ClusterNotReady',
    quickLooks: 3,
  })
})

test('reconcilePermission() notes what it is about to give before it gives it', async () => {
  const admin = new FakeAdmin()
  const { certificate: theirs } = await client(await authority())
  const held = { ...bySecret, metadata: { ...bySecret.metadata, finalizers: [finalizer] } }
  await using it = await scene(held)
  await it.kube.create(secrets, secret('theirs', { 'tls.crt': certificatePem(theirs) }))
  await it.kube.create(pods, pod())
  const [operator = assert.fail(), trust = assert.fail()] = trustObjects()
  await it.kube.create(secrets, operator)
  await it.kube.create(secrets, trust)
  await it.kube.applyStatus(strongrooms, readyStrongroom())
  await it.time.pass(1)
  admin.failures.set('put', new Error('the process dies here'))
  await reconcilePermission('shop/theirs', { ...it.means, connect: () => admin })
  const noted = await it.kube.get<StrongroomPermission>(strongroomPermissions, {
    name: 'theirs',
    namespace: 'shop',
  })
  assert.deepEqual(noted?.status?.applied?.thumbprints, [theirs.thumbprint])
})
