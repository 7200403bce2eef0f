import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applyChildren, applyOwn, NameTaken } from '#operator/kube/apply.ts'
import { configMaps, services } from '#operator/kube/kinds.ts'
import type { KubeObject } from '#operator/kube/kube.ts'
import { clusterLabels } from '#operator/kube/labels.ts'
import type { ConfigMap } from '#operator/kube/secret.ts'
import { FakeKube } from '#test/support/fake-kube.ts'

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
  await kube.create(configMaps, map('stray', {}))
  const did = await applyChildren(kube, 'test', {
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
  await applyChildren(kube, 'test', { desired, found: [] })
  const before = kube.writes.length
  assert.deepEqual(await applyChildren(kube, 'test', { desired, found: await found(kube) }), [])
  assert.equal(kube.writes.length, before)
})

test('applyChildren() does not take two kinds of one name for the same', async () => {
  const kube = new FakeKube()
  const present = [
    {
      kind: services,
      object: { apiVersion: 'v1', kind: 'Service', metadata: { name: 'a', namespace: 'n' } },
    },
  ]
  const did = await applyChildren(kube, 'test', {
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
    applyChildren(kube, 'test', {
      desired: [{ kind: configMaps, object: map('a', data) }],
      found: await found(kube),
    })
  await applied({ x: '1', y: '2' })
  assert.equal((await applied({ x: '1' })).length, 1)
  assert.equal((await applied({ x: '1' })).length, 0)
})

test('applyChildren() repairs a field that somebody changed, and leaves those that somebody added', async () => {
  const kube = new FakeKube()
  const desired = [{ kind: configMaps, object: map('a', { x: '1' }) }]
  await applyChildren(kube, 'test', { desired, found: [] })
  await kube.patch(configMaps, { name: 'a', namespace: 'n' }, { data: { y: 'theirs' } })
  assert.deepEqual(await applyChildren(kube, 'test', { desired, found: await found(kube) }), [])
  await kube.patch(configMaps, { name: 'a', namespace: 'n' }, { data: { x: 'theirs' } })
  await applyChildren(kube, 'test', { desired, found: await found(kube) })
  const after = await kube.get<ConfigMap>(configMaps, { name: 'a', namespace: 'n' })
  assert.deepEqual(after?.data, { x: '1', y: 'theirs' })
})

test('applyOwn() never takes over what somebody else made under that name', async () => {
  const kube = new FakeKube()
  await kube.create(configMaps, {
    ...map('a', { theirs: 'yes' }),
    metadata: { name: 'a', namespace: 'n' },
  })
  const child = { kind: configMaps, object: map('a', {}), isThere: false }
  await assert.rejects(applyOwn(kube, 'test', child), NameTaken)
  await assert.rejects(
    applyOwn(kube, 'test', child),
    /ConfigMap "a" exists and was not made for this cluster/,
  )
  const other = {
    ...map('b', {}),
    metadata: { name: 'b', namespace: 'n', labels: clusterLabels('other', 'x') },
  }
  await kube.create(configMaps, other)
  await assert.rejects(applyOwn(kube, 'test', { ...child, object: map('b', {}) }), NameTaken)
})

test('applyOwn() takes what the cache does not show yet for its own', async () => {
  const kube = new FakeKube()
  await kube.create(configMaps, map('a', { x: '1' }))
  await applyOwn(kube, 'test', { kind: configMaps, object: map('a', { x: '2' }), isThere: false })
  assert.deepEqual(kube.writes, ['create ConfigMap a', 'apply ConfigMap a'])
})
