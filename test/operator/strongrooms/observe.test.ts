import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { strongroomDatabases } from '#operator/api/database.ts'
import { strongrooms } from '#operator/api/strongroom.ts'
import { challengeComponent } from '#operator/challenges/http01-objects.ts'
import {
  configMaps,
  events,
  persistentVolumeClaims,
  pods,
  secrets,
  services,
  statefulSets,
} from '#operator/kube/kinds.ts'
import type { Kind, KubeObject } from '#operator/kube/kube.ts'
import type { Expected } from '#operator/strongrooms/dial.ts'
import { observe } from '#operator/strongrooms/observe.ts'
import { Verdicts } from '#operator/strongrooms/verdicts.ts'
import { certificatePem } from '#shared/pki/pem.ts'
import { FakeAdmin } from '#test/support/fake-admin.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import { database, secret, strongroom } from '#test/support/resources.ts'
import { strongroomWorld, type World } from '#test/support/strongroom-world.ts'
import { ofVault, pod, syncedCache, trustObjects } from '#test/support/synced-cache.ts'

let world: World
before(async () => {
  world = await strongroomWorld()
})

const kinds: Record<string, Kind> = {
  Secret: secrets,
  ConfigMap: configMaps,
  Service: services,
  Pod: pods,
  PersistentVolumeClaim: persistentVolumeClaims,
  StatefulSet: statefulSets,
  Event: events,
  StrongroomDatabase: strongroomDatabases,
}
const volume: KubeObject = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data-vault-0', namespace: 'shop' },
}

async function seen(objects: readonly KubeObject[], { spec = {}, admin = new FakeAdmin() } = {}) {
  const kube = new FakeKube()
  await kube.create(strongrooms, strongroom({ spec }))
  for (const object of objects)
    await kube.create(kinds[object.kind] ?? assert.fail(object.kind), object)
  await using synced = await syncedCache(kube)
  const dialed: Expected[] = []
  const served = async (_: unknown, expected: Expected) => {
    dialed.push(expected)
    return { failure: 'not now' }
  }
  const means = {
    kube,
    cache: synced.cache,
    clock: synced.time,
    dialing: { admin: () => admin, served },
    operatorImage: 'strongroom:1',
    verdicts: new Verdicts(),
  }
  assert.equal(await observe('shop/none', means), undefined)
  const observed = (await observe('shop/vault', means)) ?? assert.fail()
  return { observed, dialed }
}

test('observe() takes for its own what the operator made for this cluster, and nothing else', async () => {
  const { observed } = await seen([
    ofVault(secret('vault-operator', {})),
    secret('vault-server-ca', { 'tls.crt': 'theirs' }),
    ofVault({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'vault', namespace: 'shop' } }),
    { apiVersion: 'v1', kind: 'Service', metadata: { name: 'theirs', namespace: 'shop' } },
    // What leads a CA to the operator is there as long as the solver wants it.
    ofVault(
      { apiVersion: 'v1', kind: 'Service', metadata: { name: 'vault-acme', namespace: 'shop' } },
      challengeComponent,
    ),
    database(),
    database({ metadata: { name: 'other' }, spec: { clusterRef: { name: 'other' } } }),
  ])
  assert.deepEqual([...observed.secrets.keys()], ['vault-operator'])
  assert.deepEqual(
    observed.children.map(({ object }) => object.metadata.name),
    ['vault'],
  )
  assert.deepEqual(
    observed.databases.map(({ metadata }) => metadata.name),
    ['orders'],
  )
})

test('observe() finds a master key and a volume that were put back without our labels', async () => {
  const bare = await seen([])
  assert.deepEqual([bare.observed.masterKey, bare.observed.volumes], [undefined, []])
  const { observed } = await seen([secret('vault-master-key', { k1: 'x' }), volume])
  assert.equal(observed.masterKey?.metadata.name, 'vault-master-key')
  assert.deepEqual(
    observed.volumes.map(({ metadata }) => metadata.name),
    ['data-vault-0'],
  )
})

test('observe() reads the Secrets that users name, and no other in their place', async () => {
  const spec = {
    encryption: { masterKey: { secretRef: { name: 'mine' } } },
    tls: { server: { secretRef: { name: 'my-tls' } } },
  }
  const ours = ofVault(secret('vault-master-key', { k1: 'x' }))
  const without = await seen([ours], { spec })
  assert.deepEqual([without.observed.masterKey, without.observed.userTls], [undefined, undefined])
  const { observed } = await seen([ours, secret('mine', {}), secret('my-tls', {})], { spec })
  assert.deepEqual(
    [observed.masterKey?.metadata.name, observed.userTls?.metadata.name],
    ['mine', 'my-tls'],
  )
})

test('observe() asks each member for its state, and dials it under both names', async () => {
  const open = {
    ...secret('vault-server-tls', {}),
    data: world.secrets.get('vault-server-tls')?.data ?? {},
  }
  const { observed, dialed } = await seen([pod(), ...trustObjects(), ofVault(open)])
  const [member] = observed.members
  assert.equal(member?.state?.StoreId, 'store-1')
  assert.deepEqual(
    [member?.internal, member?.public],
    [{ failure: 'not now' }, { failure: 'not now' }],
  )
  assert.deepEqual(dialed, [
    { name: 'vault-0.vault-members.shop.svc', trust: 'CA' },
    { name: 'vault.shop.strongroom.internal', trust: certificatePem(world.open.certificate) },
  ])
})

test('observe() says why a member could not be asked', async () => {
  const admin = new FakeAdmin()
  admin.isReachable = false
  const [{ observed: away }, { observed: early }] = [
    await seen([pod(), ...trustObjects()], { admin }),
    await seen([pod()]),
  ]
  assert.match(away.members[0]?.unreachable ?? '', /^Cannot reach vault-0/)
  assert.equal(away.members[0]?.public, undefined, 'there is no public certificate yet')
  assert.equal(early.members[0]?.unreachable, 'it has no address yet')
})

test('observe() finds out why no pod is made, from the events of the very StatefulSet', async () => {
  const set: KubeObject = ofVault({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'vault', namespace: 'shop' },
  })
  const kube = new FakeKube()
  await kube.create(strongrooms, strongroom())
  const { uid = '' } = (await kube.create(statefulSets, set)).metadata
  const event = (name: string, message: string, lastTimestamp: string, given: object = {}) => {
    const involvedObject = { kind: 'StatefulSet', name: 'vault', uid, ...given }
    const metadata = { name, namespace: 'shop' }
    const said = { reason: 'FailedCreate', message, lastTimestamp, involvedObject }
    return { apiVersion: 'v1', kind: 'Event', metadata, ...said }
  }
  for (const one of [
    event('a', 'exceeded quota', '2026-01-01T00:00:02Z'),
    event('b', 'earlier', '2026-01-01T00:00:01Z'),
    event('c', 'of one before', '2026-01-01T00:00:03Z', { uid: 'other' }),
    event('d', 'of another', '2026-01-01T00:00:03Z', { name: 'other' }),
  ])
    await kube.create(events, one)
  await using synced = await syncedCache(kube)
  const means = {
    kube,
    cache: synced.cache,
    clock: synced.time,
    dialing: { admin: () => new FakeAdmin(), served: async () => ({ failure: 'no' }) },
    operatorImage: 'strongroom:1',
    verdicts: new Verdicts(),
  }
  assert.equal((await observe('shop/vault', means))?.podRefusal, 'exceeded quota')
  await kube.create(pods, pod(false))
  await synced.time.pass(1)
  assert.equal((await observe('shop/vault', means))?.podRefusal, undefined, 'it was made')
})
