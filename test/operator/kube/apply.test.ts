import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applyChildren, applyWhole, isWhole } from '#operator/kube/apply.ts'
import { configMaps, services } from '#operator/kube/kinds.ts'
import { isConflict, type KubeObject } from '#operator/kube/kube.ts'
import { clusterLabels } from '#operator/kube/labels.ts'
import { NameTaken } from '#operator/kube/ownership.ts'
import type { ConfigMap } from '#operator/kube/secret.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import { strongroom } from '#test/support/resources.ts'
import { ofVault } from '#test/support/synced-cache.ts'

const owner = strongroom({ metadata: { namespace: 'n' } })
const by = (kube: FakeKube) => ({ kube, owner, fieldManager: 'test' })

const map = (
  name: string,
  data: Record<string, string>,
): KubeObject & { data: Record<string, string> } => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'n', labels: clusterLabels('vault', 'trust') },
  data,
})

async function found(kube: FakeKube) {
  const { items } = await kube.list(configMaps, { namespace: 'n' })
  return items.map((object) => ({ kind: configMaps, object }))
}

test('applyChildren() makes what is missing and deletes what is no longer wanted', async () => {
  const kube = new FakeKube()
  await kube.create(configMaps, ofVault(map('stray', {})))
  const did = await applyChildren(by(kube), {
    desired: [{ kind: configMaps, object: map('a', { x: '1' }) }],
    found: await found(kube),
  })
  assert.deepEqual(did, [
    { kind: 'ConfigMap', name: 'a', did: 'applied' },
    { kind: 'ConfigMap', name: 'stray', did: 'deleted' },
  ])
  assert.deepEqual(
    (await found(kube)).map(({ object }) => object.metadata.name),
    ['a'],
  )
})

test('applyChildren() sends no mutating request the second time', async () => {
  const kube = new FakeKube()
  const desired = [{ kind: configMaps, object: map('a', { x: '1' }) }]
  await applyChildren(by(kube), { desired, found: [] })
  const before = kube.writes.length
  assert.deepEqual(await applyChildren(by(kube), { desired, found: await found(kube) }), [])
  assert.equal(kube.writes.length, before)
})

test('applyChildren() does not take two kinds of one name for the same', async () => {
  const kube = new FakeKube()
  const present = [
    {
      kind: services,
      object: ofVault({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'a', namespace: 'n' },
      }),
    },
  ]
  const did = await applyChildren(by(kube), {
    desired: [{ kind: configMaps, object: map('a', {}) }],
    found: present,
  })
  assert.deepEqual(
    did.map(({ did: what }) => what),
    ['applied', 'deleted'],
  )
})

test('applyChildren() notices a field that is no longer wanted', async () => {
  const kube = new FakeKube()
  const applied = async (data: Record<string, string>) =>
    applyChildren(by(kube), {
      desired: [{ kind: configMaps, object: map('a', data) }],
      found: await found(kube),
    })
  await applied({ x: '1', y: '2' })
  assert.equal((await applied({ x: '1' })).length, 1)
  assert.equal((await applied({ x: '1' })).length, 0)
})

test('applyChildren() repairs what somebody changed or added, and leaves labels and annotations of theirs', async () => {
  const kube = new FakeKube()
  const desired = [{ kind: configMaps, object: map('a', { x: '1' }) }]
  await applyChildren(by(kube), { desired, found: [] })
  const ref = { name: 'a', namespace: 'n' }
  const metadata = { labels: { theirs: 'yes' }, annotations: { theirs: 'yes' } }
  for (const change of [
    { data: { y: 'theirs' } },
    { data: { x: 'theirs' } },
    { binaryData: { z: 'eA==' } },
  ]) {
    await kube.patch(configMaps, ref, { ...change, metadata })
    const [did] = await applyChildren(by(kube), { desired, found: await found(kube) })
    assert.equal(did?.did, 'data' in change && 'x' in change.data ? 'applied' : 'repaired')
    const after =
      (await kube.get<ConfigMap & { binaryData?: object }>(configMaps, ref)) ?? assert.fail()
    assert.deepEqual([after.data, after.binaryData ?? {}], [{ x: '1' }, {}])
    assert.deepEqual(
      [after.metadata.labels?.theirs, after.metadata.annotations?.theirs],
      ['yes', 'yes'],
    )
    assert.deepEqual(await applyChildren(by(kube), { desired, found: await found(kube) }), [])
  }
})

test('applyChildren() replaces what somebody made immutable', async () => {
  const kube = new FakeKube()
  const desired = [{ kind: configMaps, object: map('a', { x: '1' }) }]
  await applyChildren(by(kube), { desired, found: [] })
  await kube.patch(
    configMaps,
    { name: 'a', namespace: 'n' },
    { immutable: true, data: { x: 'theirs' } },
  )
  const [did] = await applyChildren(by(kube), { desired, found: await found(kube) })
  assert.equal(did?.did, 'replaced')
  const [after = assert.fail()] = await found(kube)
  assert.deepEqual((after.object as ConfigMap).data, { x: '1' })
  assert.ok(!('immutable' in after.object))
})

test('applyChildren() deletes nothing that is not ours, whatever it is told', async () => {
  const kube = new FakeKube()
  await kube.create(configMaps, {
    ...map('theirs', {}),
    metadata: { name: 'theirs', namespace: 'n' },
  })
  await assert.rejects(
    applyChildren(by(kube), { desired: [], found: await found(kube) }),
    NameTaken,
  )
  assert.equal((await found(kube)).length, 1)
})

test('applyWhole() never takes over what somebody else made under that name', async () => {
  const kube = new FakeKube()
  await kube.create(configMaps, {
    ...map('a', { theirs: 'yes' }),
    metadata: { name: 'a', namespace: 'n' },
  })
  const child = { kind: configMaps, object: map('a', {}) }
  await assert.rejects(applyWhole(by(kube), child), NameTaken)
  await assert.rejects(
    applyWhole(by(kube), child),
    /ConfigMap "a" exists and was not made for Strongroom\/vault/,
  )
  const labels = clusterLabels('other', 'x')
  await kube.create(configMaps, {
    ...map('b', {}),
    metadata: { name: 'b', namespace: 'n', labels },
  })
  await assert.rejects(applyWhole(by(kube), { ...child, object: map('b', {}) }), NameTaken)
})

test('applyWhole() takes what the cache does not show yet for its own, and never an object that took its place', async () => {
  const kube = new FakeKube()
  const present = await kube.create(configMaps, ofVault(map('a', { x: '1' })))
  await applyWhole(by(kube), { kind: configMaps, object: map('a', { x: '2' }) })
  assert.deepEqual(kube.writes, ['create ConfigMap a', 'apply ConfigMap a'])
  await kube.delete(configMaps, present.metadata)
  await kube.create(configMaps, { ...map('a', {}), metadata: { name: 'a', namespace: 'n' } })
  await assert.rejects(
    applyWhole(by(kube), { kind: configMaps, object: map('a', {}) }, { present }),
    isConflict,
  )
})

test('isWhole() is false of what is missing, differs, is frozen or holds more', () => {
  const wanted = map('a', { x: '1' })
  assert.ok(isWhole(wanted, wanted))
  assert.ok(!isWhole(undefined, wanted))
  assert.ok(!isWhole(map('a', { x: '2' }), wanted))
  assert.ok(!isWhole(map('a', { x: '1', y: '2' }), wanted))
  assert.ok(!isWhole({ ...wanted, immutable: true } as KubeObject, wanted))
})
