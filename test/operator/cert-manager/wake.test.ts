import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Strongroom, strongrooms } from '#operator/api/strongroom.ts'
import { serverCertificate } from '#operator/cert-manager/desired.ts'
import { wakeWithCertManager } from '#operator/cert-manager/wake.ts'
import { certManagerCertificates, certManagerRequests } from '#operator/kube/kinds.ts'
import { WorkQueue } from '#operator/runtime/queue.ts'
import { request } from '#test/support/cert-manager.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import { strongroom } from '#test/support/resources.ts'
import { ofVault, syncedCache } from '#test/support/synced-cache.ts'

const asked = serverCertificate(strongroom(), {
  issuerRef: { group: 'cert-manager.io', kind: 'Issuer', name: 'ca' },
  dnsNames: ['db.example.com'],
})

/** Strongrooms `vault`, which names an issuer of cert-manager, and `plain`. */
async function scene() {
  const kube = new FakeKube()
  await kube.create(
    strongrooms,
    strongroom({
      spec: { tls: { server: { issuerRef: { group: 'cert-manager.io', name: 'ca' } } } },
    }),
  )
  await kube.create(strongrooms, strongroom({ metadata: { name: 'plain' } }))
  const { cache, time, [Symbol.asyncDispose]: dispose } = await syncedCache(kube)
  const queue = new WorkQueue({ timers: time, now: time.now })
  const woken: string[] = []
  queue.add = (key) => void woken.push(key)
  wakeWithCertManager<Strongroom>(
    { cache, queue },
    strongrooms,
    ({ spec }) => spec.tls?.server.issuerRef !== undefined,
  )
  return { kube, time, woken, [Symbol.asyncDispose]: dispose }
}

test('wakeWithCertManager() wakes the resource that a Certificate was made for', async () => {
  await using it = await scene()
  await it.kube.create(certManagerCertificates, asked)
  await it.time.pass(1)
  assert.deepEqual(it.woken, ['shop/vault'])
})

test('wakeWithCertManager() wakes it with the requests of that Certificate, and with no others', async () => {
  await using it = await scene()
  await it.kube.create(certManagerCertificates, asked)
  await it.time.pass(1)
  it.woken.length = 0
  await it.kube.create(certManagerRequests, ofVault(request('another', 1)))
  await it.time.pass(1)
  assert.deepEqual(it.woken, [])
  await it.kube.create(certManagerRequests, ofVault(request('vault-cert-manager-tls', 1)))
  await it.time.pass(1)
  assert.deepEqual(it.woken, ['shop/vault'])
})

test('wakeWithCertManager() leaves a Certificate alone that was made for another kind', async () => {
  await using it = await scene()
  const annotations = { 'strongroom.dev/source': 'StrongroomCertificate/vault' }
  await it.kube.create(certManagerCertificates, {
    ...asked,
    metadata: { ...asked.metadata, annotations },
  })
  await it.time.pass(1)
  assert.deepEqual(it.woken, [])
})

test('wakeWithCertManager() wakes who waits for cert-manager when it comes and when it goes', async () => {
  await using it = await scene()
  it.kube.undefine(certManagerCertificates)
  await it.time.pass(10)
  assert.deepEqual(it.woken, ['shop/vault'])
  it.kube.define(certManagerCertificates)
  await it.time.pass(1e9)
  assert.deepEqual(it.woken, ['shop/vault', 'shop/vault'])
})
