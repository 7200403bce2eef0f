import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Attempts } from '#operator/access/attempts.ts'
import { type StrongroomCertificate, strongroomCertificates } from '#operator/api/certificate.ts'
import { strongroomPermissions } from '#operator/api/permission.ts'
import { strongrooms } from '#operator/api/strongroom.ts'
import { reconcileCertificate, wakeCertificates } from '#operator/certificates/controller.ts'
import { childKinds } from '#operator/kube/child-kinds.ts'
import { certManagerCertificates, secrets } from '#operator/kube/kinds.ts'
import { finalizer } from '#operator/kube/labels.ts'
import { tlsData } from '#operator/kube/tls-secret.ts'
import { WorkQueue } from '#operator/runtime/queue.ts'
import { authority } from '#test/support/certificates.ts'
import { FakeAdmin } from '#test/support/fake-admin.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import {
  certificate,
  permission,
  readyStrongroom,
  secret,
  strongroom,
} from '#test/support/resources.ts'
import { ofVault, pod, syncedCache, trustObjects } from '#test/support/synced-cache.ts'

async function scene() {
  const kube = new FakeKube()
  await kube.create(strongrooms, strongroom())
  await kube.create(strongroomCertificates, certificate())
  const synced = await syncedCache(kube)
  const named: (readonly (string | undefined)[])[] = []
  const means = {
    kube,
    cache: synced.cache,
    clock: synced.time,
    attempts: new Attempts({ clock: synced.time, random: () => 0.5 }),
    connect: () => new FakeAdmin(),
    report: async () => undefined,
    follow: (_: string, names: readonly (string | undefined)[]) => void named.push(names),
  }
  const dispose = (): Promise<void> => Promise.resolve(synced[Symbol.asyncDispose]())
  return { kube, means, named, time: synced.time, [Symbol.asyncDispose]: dispose }
}

test('wakeCertificates() wakes with the certificate, its Secrets, its permissions and its cluster', async () => {
  await using it = await scene()
  const woken = new Set<string>()
  const queue = new WorkQueue({ timers: it.time, now: it.time.now })
  queue.add = (key) => void woken.add(key)
  wakeCertificates(it.means, queue)
  const after = async (work: Promise<unknown>): Promise<string[]> => {
    woken.clear()
    await work
    await it.time.pass(1)
    return [...woken].toSorted()
  }
  const labels = { 'app.kubernetes.io/managed-by': 'strongroom-operator' }
  const ours = (source: string) =>
    secret(
      source.replace('/', '-').toLowerCase(),
      {},
      { labels, annotations: { 'strongroom.dev/source': source } },
    )
  assert.deepEqual(await after(it.kube.create(strongroomPermissions, permission())), ['shop/shop'])
  assert.deepEqual(await after(it.kube.create(secrets, ours('StrongroomCertificate/shop'))), [
    'shop/shop',
  ])
  assert.deepEqual(await after(it.kube.create(secrets, ours('StrongroomDatabase/shop'))), [])
  const change = { metadata: { labels: { a: 'b' } } }
  assert.deepEqual(
    await after(it.kube.patch(strongrooms, { name: 'vault', namespace: 'shop' }, change)),
    ['shop/shop'],
  )
  assert.deepEqual(
    await after(it.kube.create(strongrooms, strongroom({ metadata: { name: 'other' } }))),
    [],
  )
})

test('reconcileCertificate() goes on at once after a step, waits for others, and lets go of what is gone', async () => {
  await using it = await scene()
  assert.deepEqual(await reconcileCertificate('shop/none', it.means), { kind: 'done' })
  assert.deepEqual(it.named, [[]])
  assert.deepEqual(await reconcileCertificate('shop/shop', it.means), { kind: 'again', afterMs: 0 })
  await it.time.pass(1)
  assert.deepEqual(await reconcileCertificate('shop/shop', it.means), {
    kind: 'waiting',
    for: 'ClusterNotReady',
    quickLooks: 3,
  })
})

test('reconcileCertificate() takes no Certificate of somebody else over, and says so', async () => {
  const kube = new FakeKube()
  const issuerRef = { group: 'cert-manager.io', name: 'ca' } as const
  const finalizers = [finalizer]
  await kube.create(strongrooms, readyStrongroom())
  await kube.create(
    strongroomCertificates,
    certificate({ metadata: { finalizers }, spec: { issuerRef } }),
  )
  for (const object of [...trustObjects(), pod()]) await kube.create(kindOf(object.kind), object)
  const authorityData = tlsData(await authority())
  await kube.create(secrets, ofVault({ ...secret('vault-client-ca', {}), data: authorityData }))
  const metadata = { name: 'shop-cert-manager-client', namespace: 'shop' }
  const theirs = { apiVersion: 'cert-manager.io/v1', kind: 'Certificate', metadata }
  await kube.create(certManagerCertificates, theirs)
  await using synced = await syncedCache(kube)
  const { cache, time: clock } = synced
  const quiet = { report: async () => undefined, follow: () => undefined }
  const attempts = new Attempts({ clock, random: () => 0.5 })
  const means = { kube, cache, clock, attempts, connect: () => new FakeAdmin(), ...quiet }
  const outcome = await reconcileCertificate('shop/shop', means)
  assert.deepEqual(outcome, { kind: 'stalled', reason: 'NameTaken', afterMs: 15_000 })
  const now = await kube.get<StrongroomCertificate>(strongroomCertificates, {
    name: 'shop',
    namespace: 'shop',
  })
  const ready = now?.status?.conditions?.find(({ type }) => type === 'Ready')
  assert.match(`${ready?.reason} ${ready?.message}`, /^NameTaken .*"shop-cert-manager-client"/)
  assert.deepEqual((await kube.get(certManagerCertificates, metadata))?.metadata.labels, undefined)
})

function kindOf(name: string) {
  return childKinds.find(({ kind }) => kind === name) ?? assert.fail(name)
}
