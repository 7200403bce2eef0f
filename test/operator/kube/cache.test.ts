import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Cache } from '#operator/kube/cache.ts'
import {
  certManagerCertificates,
  namespaces as namespaceKind,
  secrets,
  services,
} from '#operator/kube/kinds.ts'
import { KubeError, type KubeObject } from '#operator/kube/kube.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import { fakeTime } from '#test/support/fake-timers.ts'

const object = (kind: string, namespace: string, name: string, labels = {}): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, namespace, labels },
})

/** A cache of Services, of Secrets with the label `ours`, and of Certificates, which nothing defines yet. */
async function scene(namespaces: readonly string[] = []) {
  const kube = new FakeKube()
  kube.undefine(certManagerCertificates)
  for (const namespace of ['a', 'b', 'c']) {
    await kube.create(services, object('Service', namespace, 'x'))
    await kube.create(secrets, object('Secret', namespace, 'x', { ours: 'yes' }))
    await kube.create(secrets, object('Secret', namespace, 'theirs'))
  }
  const time = fakeTime()
  const failures: unknown[] = []
  const means = {
    timers: time,
    random: () => 0.5,
    backoff: { firstMs: 1, mostMs: 1 },
    idleMs: 1e6,
    resyncMs: 1e6,
    failed: (error: unknown) => failures.push(error),
  }
  const watched = [
    { kind: services, without: ['spec'] },
    { kind: secrets, labelSelector: 'ours=yes' },
    { kind: certManagerCertificates, isOptional: true },
  ]
  const heard: string[] = []
  const hear = (kind: string, namespace: string) => heard.push(`${kind} ${namespace}`)
  const cache = new Cache(kube, { watched, namespaces, heard: hear }, means)
  const seen: string[] = []
  cache.onObject<KubeObject>(secrets, ({ metadata }) =>
    seen.push(`${metadata.namespace}/${metadata.name}`),
  )
  const presence: string[] = []
  cache.onPresence(certManagerCertificates, (place, isPresent) =>
    presence.push(`${place} ${isPresent}`),
  )
  const stop = new AbortController()
  const ended = cache.run(stop.signal)
  await cache.synced()
  await time.pass(1)
  const dispose = async (): Promise<void> => {
    stop.abort()
    await ended
  }
  return { kube, cache, seen, heard, presence, failures, time, [Symbol.asyncDispose]: dispose }
}

const where = (objects: readonly KubeObject[]): string[] =>
  objects.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).toSorted()

test('Cache finds what carries the label of a Strongroom, as it comes, changes hands and goes', async () => {
  await using it = await scene()
  const vault = { name: 'vault', namespace: 'a' }
  const labelled = (name: string, cluster: string, namespace = 'a') =>
    object('Service', namespace, name, { 'strongroom.dev/cluster': cluster })
  const found = (cluster = vault): string[] => where(it.cache.ofCluster(services, cluster))
  assert.deepEqual(found(), [])
  for (const each of [labelled('y', 'vault'), labelled('z', 'vault'), labelled('y', 'vault', 'b')])
    await it.kube.create(services, each)
  await it.time.pass(1)
  assert.deepEqual(found(), ['a/y', 'a/z'])
  await it.kube.apply(services, labelled('z', 'other'))
  await it.kube.delete(services, { name: 'y', namespace: 'a' })
  await it.time.pass(1)
  assert.deepEqual(found(), [])
  assert.deepEqual(found({ name: 'other', namespace: 'a' }), ['a/z'])
})

test('Cache keeps neither who set which field nor what nobody reads', async () => {
  await using it = await scene()
  const fat = object('Service', 'a', 'fat', { large: 'no' })
  const metadata = { ...fat.metadata, managedFields: [{ manager: 'm' }] }
  await it.kube.create(services, {
    ...fat,
    metadata,
    spec: { type: 'ClusterIP' },
    status: {},
  } as never)
  await it.time.pass(1)
  const kept = it.cache.get(services, { name: 'fat', namespace: 'a' })
  assert.deepEqual(Object.keys(kept ?? {}).toSorted(), ['apiVersion', 'kind', 'metadata', 'status'])
  assert.deepEqual(kept?.metadata.labels, { large: 'no' })
  assert.ok(kept !== undefined && !('managedFields' in kept.metadata))
})

test('Cache holds every namespace, and of Secrets those with the label', async () => {
  await using it = await scene()
  assert.deepEqual(where(it.cache.list(secrets)), ['a/x', 'b/x', 'c/x'])
  assert.deepEqual(where(it.cache.list(services, 'b')), ['b/x'])
  assert.equal(it.cache.get(secrets, { name: 'x', namespace: 'a' })?.metadata.name, 'x')
  assert.equal(it.cache.get(secrets, { name: 'theirs', namespace: 'a' }), undefined)
})

test('Cache looks only into the namespaces it was given', async () => {
  await using it = await scene(['a', 'b', 'a'])
  assert.deepEqual(where(it.cache.list(services)), ['a/x', 'b/x'])
  assert.deepEqual(where(it.cache.list(services, 'c')), [])
  assert.equal(it.cache.get(services, { name: 'x', namespace: 'c' }), undefined)
  assert.deepEqual(it.seen.toSorted(), ['a/x', 'b/x'])
})

test('Cache follows what happens, and tells who listens', async () => {
  await using it = await scene(['a'])
  it.seen.length = 0
  await it.kube.create(secrets, object('Secret', 'a', 'new', { ours: 'yes' }))
  await it.kube.create(secrets, object('Secret', 'c', 'new', { ours: 'yes' }))
  await it.kube.delete(secrets, { name: 'x', namespace: 'a' })
  await it.time.pass(1)
  assert.deepEqual(it.seen, ['a/new', 'a/x'])
  assert.deepEqual(where(it.cache.list(secrets)), ['a/new'])
})

test('Cache says where it heard something of which kind', async () => {
  await using it = await scene(['a', 'b'])
  const everywhere = ['Certificate', 'Secret', 'Service'].flatMap((kind) => [
    `${kind} a`,
    `${kind} b`,
  ])
  assert.deepEqual(it.heard.toSorted(), everywhere)
  it.heard.length = 0
  await it.kube.create(services, object('Service', 'b', 'new'))
  await it.time.pass(1)
  assert.deepEqual(it.heard, ['Service b'])
})

test('Cache holds nothing of a kind that it does not watch', async () => {
  await using it = await scene()
  assert.deepEqual(it.cache.list(namespaceKind), [])
  assert.equal(it.cache.get(namespaceKind, { name: 'a' }), undefined)
})

test('Cache waits for no optional kind, finds it when it comes, and holds nothing of it when it went', async () => {
  await using it = await scene(['a'])
  const list = () => where(it.cache.list(certManagerCertificates))
  assert.equal(it.cache.isPresent(certManagerCertificates, 'a'), false)
  assert.deepEqual(list(), [])
  it.kube.define(certManagerCertificates)
  await it.kube.create(certManagerCertificates, object('Certificate', 'a', 'x'))
  await it.time.pass(1e6)
  assert.equal(it.cache.isPresent(certManagerCertificates, 'a'), true)
  assert.deepEqual(list(), ['a/x'])
  it.kube.undefine(certManagerCertificates)
  await it.time.pass(10)
  assert.deepEqual(list(), [])
  assert.deepEqual(it.presence, ['a false', 'a true', 'a false'])
  assert.deepEqual(it.failures, [])
})

test('Cache takes an optional kind that it may not read for absent, and another failure for a failure', async () => {
  await using it = await scene(['a'])
  it.kube.define(certManagerCertificates)
  const answer = async (status: number, waitMs: number) => {
    it.kube.failures.set('list Certificate', new KubeError(status, 'Refused', 'no'))
    await it.time.pass(waitMs)
    return [it.cache.isPresent(certManagerCertificates, 'a'), it.failures.length]
  }
  assert.deepEqual(await answer(403, 1e6), [false, 0])
  assert.deepEqual(await answer(500, 1e6 + 10), [true, 1])
})

test('Cache knows nothing of the presence of a kind that it does not watch', async () => {
  await using it = await scene()
  assert.equal(it.cache.isPresent(namespaceKind, undefined), undefined)
})
