import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  anyEndpoint,
  endpointOf,
  isPodReady,
  memberPods,
  type Pod,
} from '#operator/admin/endpoint.ts'
import { configMaps, pods, secrets } from '#operator/kube/kinds.ts'
import type { Kind, KubeObject } from '#operator/kube/kube.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import { ofVault, pod, syncedCache, trustObjects } from '#test/support/synced-cache.ts'

const vault = { name: 'vault', namespace: 'shop' }
const [operator = assert.fail(), trust = assert.fail()] = trustObjects()

async function scene(objects: readonly KubeObject[]) {
  const kube = new FakeKube()
  const kinds: Record<string, Kind> = { Pod: pods, Secret: secrets, ConfigMap: configMaps }
  for (const object of objects) await kube.create(kinds[object.kind] ?? pods, object)
  return syncedCache(kube)
}

test('anyEndpoint() is a ready member, verified under its own internal name', async () => {
  await using it = await scene([pod(), operator, trust])
  assert.deepEqual(anyEndpoint(it.cache, vault), {
    address: '198.18.65.2',
    port: 8443,
    serverName: 'vault-0.vault-members.shop.svc',
    trust: 'CA',
    certificate: 'CERT',
    key: 'KEY',
  })
})

test('anyEndpoint() is nothing while something is missing', async () => {
  const withoutAddress = {
    ...pod(),
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  } as KubeObject
  for (const objects of [
    [pod(false), operator, trust],
    [operator, trust],
    [pod(), trust],
    [pod(), operator],
    [withoutAddress, operator, trust],
    [pod(), operator, { ...trust, data: {} } as KubeObject],
  ]) {
    await using it = await scene(objects)
    assert.equal(anyEndpoint(it.cache, vault), undefined)
  }
})

test('endpointOf() trusts nothing that was made for another cluster', async () => {
  const other = { labels: { 'strongroom.dev/cluster': 'other' } }
  const foreign = (object: KubeObject): KubeObject =>
    ofVault({ ...object, metadata: { ...object.metadata, ...other } })
  for (const objects of [
    [foreign(operator), trust],
    [operator, foreign(trust)],
  ]) {
    await using it = await scene([pod(), ...objects])
    assert.equal(endpointOf(it.cache, vault, pod() as Pod), undefined)
  }
})

test('memberPods() are the servers of that very cluster', async () => {
  const other = {
    ...pod(true, 'other-0'),
    metadata: {
      ...pod(true, 'other-0').metadata,
      labels: { ...pod().metadata.labels, 'strongroom.dev/cluster': 'other' },
    },
  }
  const job = ofVault({ ...pod(true, 'job'), metadata: { name: 'job', namespace: 'shop' } }, 'job')
  await using it = await scene([pod(), pod(false, 'vault-1'), other, job])
  const names = memberPods(it.cache, vault).map(({ metadata }) => metadata.name)
  assert.deepEqual(names.toSorted(), ['vault-0', 'vault-1'])
})

test('isPodReady() is false for one that is going, however ready it says it is', () => {
  const going = { ...pod().metadata, deletionTimestamp: '2026-01-01T00:00:00Z' }
  assert.equal(isPodReady(pod() as Pod), true)
  assert.equal(isPodReady(pod(false) as Pod), false)
  assert.equal(isPodReady({ ...pod(), metadata: going } as Pod), false)
  assert.equal(isPodReady({ ...pod(), status: {} } as Pod), false)
})
