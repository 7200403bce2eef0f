import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { ActFailed, Attempts } from '#operator/access/attempts.ts'
import { strongrooms } from '#operator/api/strongroom.ts'
import {
  configMaps,
  persistentVolumeClaims,
  pods,
  secrets,
  services,
  statefulSets,
} from '#operator/kube/kinds.ts'
import { isConflict, type Kind, KubeError, type KubeObject } from '#operator/kube/kube.ts'
import { annotation, finalizer, ownedBy } from '#operator/kube/labels.ts'
import { type ConfigMap, type Secret, secretBytes, secretText } from '#operator/kube/secret.ts'
import { act } from '#operator/strongrooms/act.ts'
import type { Member, Observed } from '#operator/strongrooms/observe.ts'
import type { Step } from '#operator/strongrooms/stage.ts'
import { masterKeysOf } from '#operator/strongrooms/stages/master-keys.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import { secret } from '#test/support/resources.ts'
import { strongroomWorld, type World } from '#test/support/strongroom-world.ts'
import { ofVault, pod } from '#test/support/synced-cache.ts'

let world: World
before(async () => {
  world = await strongroomWorld()
})

const namespace = 'shop'
const isTaken = (error: unknown) =>
  error instanceof ActFailed && error.failure.reason === 'NameTaken'

async function scene(given: Partial<Observed> = {}, owner?: KubeObject, kube = new FakeKube()) {
  const cluster = owner ?? (await kube.create<KubeObject>(strongrooms, world.seen().cluster))
  const observed = { ...world.seen(given), cluster } as Observed
  const attempts = new Attempts({ clock: { now: () => observed.nowMs }, random: () => 0.5 })
  const tried = (...steps: Step[]) => {
    const plan = { steps, findings: [], status: {}, halt: undefined, againAtMs: undefined }
    return act({ kube, attempts }, observed, plan)
  }
  const run = async (...steps: Step[]) => {
    const { deeds, failed } = await tried(...steps)
    if (failed !== undefined) throw failed
    return deeds
  }
  const get = <T extends KubeObject>(kind: Kind, name: string) =>
    kube.get<T>(kind, { name, namespace })
  return { kube, cluster, run, tried, get }
}

test('act() makes a master key that is usable, fresh, and never in the place of another', async () => {
  const { run, get } = await scene()
  const [deed] = await run({ kind: 'make-master-key' })
  assert.equal(deed?.reason, 'MasterKeyMade')
  const made = (await get<Secret>(secrets, 'vault-master-key')) ?? assert.fail()
  assert.equal(masterKeysOf(made).kind, 'usable')
  assert.equal(made.metadata.ownerReferences, undefined, 'it outlives the resource')
  assert.deepEqual(await run({ kind: 'make-master-key' }), [])
  assert.deepEqual(await get(secrets, 'vault-master-key'), made)
  const other = await scene()
  await other.run({ kind: 'make-master-key' })
  const another = await other.get<Secret>(secrets, 'vault-master-key')
  assert.notEqual(secretText(another, 'active-id'), secretText(made, 'active-id'))
})

test('act() issues into the Secrets of the cluster, and never overwrites an authority', async () => {
  const { kube, run, get } = await scene({ secrets: new Map() })
  await run({ kind: 'issue', purpose: 'client-authority', why: 'Missing' })
  const made = await get(secrets, 'vault-client-ca')
  assert.ok(made)
  assert.deepEqual(await run({ kind: 'issue', purpose: 'client-authority', why: 'Missing' }), [])
  assert.deepEqual(await get(secrets, 'vault-client-ca'), made, 'the cache was behind')
  assert.deepEqual(kube.writes.slice(1), ['create Secret vault-client-ca'])
})

test('act() renews a leaf in its Secret, and says why', async () => {
  const { kube, cluster } = await scene()
  const before = await kube.create(secrets, ofVault(secret('vault-internal-tls', {})))
  const seen = new Map([...world.secrets, ['vault-internal-tls', before] as const])
  const { run, get } = await scene({ secrets: seen }, cluster, kube)
  const [deed] = await run({ kind: 'issue', purpose: 'internal', why: 'Renewal' })
  assert.match(
    deed?.note ?? '',
    /internal certificate into Secret "vault-internal-tls" \(Renewal\)/,
  )
  assert.equal((await get<Secret>(secrets, 'vault-internal-tls'))?.type, 'kubernetes.io/tls')
})

test('act() takes nothing of somebody else for its own: not a Secret, a ConfigMap or a Service', async () => {
  const theirs = { name: 'vault', namespace }
  const steps: readonly [Step, Kind, KubeObject][] = [
    [
      { kind: 'issue', purpose: 'client-authority', why: '' },
      secrets,
      secret('vault-client-ca', { a: 'x' }),
    ],
    [
      { kind: 'issue', purpose: 'internal', why: '' },
      secrets,
      secret('vault-internal-tls', { a: 'x' }),
    ],
    [
      { kind: 'take-over', from: 'mine', data: {} },
      secrets,
      secret('vault-server-tls', { a: 'x' }),
    ],
    [
      { kind: 'publish', name: 'vault-trust', data: { a: 'ours' }, knownUid: undefined },
      configMaps,
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...theirs, name: 'vault-trust' } },
    ],
    [
      {
        kind: 'apply',
        found: [],
        desired: [
          {
            kind: services,
            object: ofVault({ apiVersion: 'v1', kind: 'Service', metadata: theirs }),
          },
        ],
      },
      services,
      { apiVersion: 'v1', kind: 'Service', metadata: theirs },
    ],
  ]
  const authorities = new Map([...world.secrets].filter(([name]) => name.endsWith('-ca')))
  for (const [step, kind, object] of steps) {
    const { kube, run, get } = await scene({ secrets: authorities, configMaps: new Map() })
    const before = await kube.create(kind, object)
    await assert.rejects(run(step), isTaken)
    assert.deepEqual(await get(kind, object.metadata.name), before)
  }
})

test('act() publishes, takes over, nudges, grows and deletes what it is told to', async () => {
  const first = await scene()
  const owner = first.cluster
  const set = {
    ...ofVault({
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'vault', namespace },
    }),
  }
  const metadata = { ...set.metadata, uid: 'set', ownerReferences: [ownedBy(owner)] }
  const made = { ...set, metadata }
  const member = {
    ...world.seen().members[0],
    pod: { ...pod(), metadata: { ...pod().metadata, ownerReferences: [ownedBy(made)] } },
  } as Member
  const volume = ofVault<KubeObject>({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data-vault-0', namespace },
  })
  const given = {
    ...{ secrets: new Map(), configMaps: new Map(), members: [member] },
    children: [{ kind: statefulSets, object: made }],
  }
  const { kube, run, get } = await scene(given, owner)
  await kube.create(pods, member.pod)
  const claim = await kube.create(persistentVolumeClaims, volume)
  const deeds = await run(
    { kind: 'publish', name: 'vault-trust', data: { 'ca-bundle.crt': 'CA' }, knownUid: undefined },
    { kind: 'take-over', from: 'mine', data: { 'tls.crt': 'eA==' } },
    { kind: 'nudge', pod: 'vault-0', mounted: 'abc' },
  )
  assert.deepEqual(
    deeds.map(({ reason }) => reason),
    ['TrustPublished', 'CertificateTakenOver'],
  )
  assert.equal((await get(pods, 'vault-0'))?.metadata.annotations?.[annotation.nudge], 'abc')
  assert.deepEqual(
    secretBytes(await get<Secret>(secrets, 'vault-server-tls'), 'tls.crt'),
    Buffer.from('x'),
  )
  const seen = await scene({ ...given, volumes: [claim] }, owner, kube)
  await seen.run({ kind: 'grow-volume', name: 'data-vault-0', size: '2Gi' })
  const grown =
    (await get<KubeObject & { readonly spec: unknown }>(persistentVolumeClaims, 'data-vault-0')) ??
    assert.fail()
  assert.deepEqual(grown.spec, { resources: { requests: { storage: '2Gi' } } })
  assert.equal(grown.metadata.annotations?.[annotation.ownerUid], owner.metadata.uid)
  await assert.rejects(seen.run({ kind: 'delete-volume', name: 'data-vault-0' }), isConflict)
  const after = await scene({ ...given, volumes: [grown] }, owner, kube)
  await after.run({ kind: 'delete-volume', name: 'data-vault-0' })
  assert.equal(await get(persistentVolumeClaims, 'data-vault-0'), undefined)
})

test('act() leaves alone what only bears the name of ours: the volume of another application, a pod of nobody', async () => {
  const theirs: KubeObject = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data-vault-0', namespace, labels: { app: 'postgres' } },
  }
  const kube = new FakeKube()
  const made = await kube.create(persistentVolumeClaims, theirs)
  await kube.create(pods, pod())
  const { run, get } = await scene({ volumes: [made] }, undefined, kube)
  for (const step of [
    { kind: 'delete-volume', name: 'data-vault-0' },
    { kind: 'grow-volume', name: 'data-vault-0', size: '2Gi' },
  ] as const)
    await assert.rejects(run(step), isTaken)
  await run({ kind: 'nudge', pod: 'vault-0', mounted: 'abc' })
  assert.deepEqual(await get(persistentVolumeClaims, 'data-vault-0'), made)
  assert.equal((await get(pods, 'vault-0'))?.metadata.annotations?.[annotation.nudge], undefined)
})

test('act() goes on with the servers where somebody took the name of what programs read, and says so', async () => {
  const { kube, run, get } = await scene({ secrets: new Map(), configMaps: new Map() })
  const theirs = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'vault-trust', namespace },
  }
  await kube.create(configMaps, theirs)
  const publish = { kind: 'publish', name: 'vault-trust', data: {}, knownUid: undefined } as const
  const takeOver = { kind: 'take-over', from: 'mine', data: { 'tls.crt': 'eA==' } } as const
  await assert.rejects(run(publish, takeOver), isTaken)
  assert.ok(await get(secrets, 'vault-server-tls'))
})

test('act() puts the ConfigMap right that somebody froze, emptied of its marks or added an authority to, and tells of it', async () => {
  const first = await scene({ secrets: new Map(), configMaps: new Map() })
  const data = { 'ca-bundle.crt': 'CA' }
  const publish = { kind: 'publish', name: 'vault-trust', data, knownUid: undefined } as const
  await first.run(publish)
  const { kube, cluster, get } = first
  const read = async () => (await get<ConfigMap>(configMaps, 'vault-trust')) ?? assert.fail()
  const ref = { name: 'vault-trust', namespace }
  const known = (await read()).metadata.uid
  const labels = { 'app.kubernetes.io/managed-by': null, 'strongroom.dev/cluster': null }
  for (const attack of [
    { data: { 'ca-bundle.crt': 'CA\nTHEIRS', 'more.crt': 'THEIRS' } },
    { immutable: true, data: { 'ca-bundle.crt': 'THEIRS' } },
  ]) {
    await kube.patch(configMaps, ref, attack)
    const seen = await scene(
      { configMaps: new Map([['vault-trust', await read()]]) },
      cluster,
      kube,
    )
    const [deed] = await seen.run(publish)
    assert.equal(deed?.reason, 'TrustRestored')
    assert.deepEqual((await read()).data, data)
  }
  const published = (await read()).metadata.uid
  assert.notEqual(published, known, 'the frozen one gave way')
  await kube.patch(configMaps, ref, {
    immutable: true,
    data: { x: 'y' },
    metadata: { labels, annotations: null },
  })
  const seen = await scene({ configMaps: new Map() }, cluster, kube)
  await assert.rejects(seen.run(publish), isTaken)
  const again = await scene({ configMaps: new Map() }, cluster, kube)
  const [deed] = await again.run({ ...publish, knownUid: published })
  assert.equal(deed?.reason, 'TrustRestored')
  assert.deepEqual((await read()).data, data)
})

test('act() says nothing more of a certificate whose coming an issuer of ours told', async () => {
  const { run, get } = await scene({ secrets: new Map() })
  const step = { kind: 'take-over', from: 'vault-issued-tls', data: { 'tls.crt': 'eA==' } } as const
  assert.deepEqual(await run(step), [])
  assert.ok(await get<Secret>(secrets, 'vault-server-tls'))
})

test('act() sets the finalizer, takes it off, and deletes children by their uid', async () => {
  const { kube, run, get } = await scene()
  await run({ kind: 'add-finalizer' })
  assert.deepEqual((await get(strongrooms, 'vault'))?.metadata.finalizers, [finalizer])
  const child = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'vault', namespace } }
  const object = await kube.create(services, ofVault(child))
  const [deed] = await run({ kind: 'delete-children', found: [{ kind: services, object }] })
  assert.deepEqual([deed?.reason, await get(services, 'vault')], ['ServiceDeleted', undefined])
})

test('act() takes the later steps of a plan though an earlier one was refused, and does not repeat that one at once', async () => {
  const { kube, tried, get } = await scene({ secrets: new Map(), configMaps: new Map() })
  const steps: readonly Step[] = [
    { kind: 'publish', name: 'vault-trust', data: { 'ca-bundle.crt': 'CA' }, knownUid: undefined },
    { kind: 'take-over', from: 'mine', data: { 'tls.crt': 'eA==' } },
  ]
  kube.failures.set('apply ConfigMap', new KubeError(403, 'Forbidden', 'exceeded quota: small'))
  const first = await tried(...steps)
  assert.equal(first.failed?.failure.reason, 'ApplyRefused')
  assert.deepEqual(
    first.deeds.map(({ reason }) => reason),
    ['CertificateTakenOver'],
  )
  assert.ok(await get(secrets, 'vault-server-tls'))
  const writes = kube.writes.filter((write) => write.includes('ConfigMap'))
  const second = await tried(...steps)
  assert.equal(second.failed?.message, first.failed?.message)
  assert.deepEqual(
    kube.writes.filter((write) => write.includes('ConfigMap')),
    writes,
  )
})
