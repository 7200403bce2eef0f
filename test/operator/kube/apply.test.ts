import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applyChildren, covers } from '#operator/kube/apply.ts'
import { configMaps, services } from '#operator/kube/kinds.ts'
import type { KubeObject } from '#operator/kube/kube.ts'
import { FakeKube } from '#test/support/fake-kube.ts'

const map = (
  name: string,
  data: Record<string, string>,
): KubeObject & { data: Record<string, string> } => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'n' },
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

test('covers() looks only at fields that are wanted', () => {
  const cases: [present: unknown, wanted: unknown, expected: boolean][] = [
    [{ a: 1, b: 2 }, { a: 1 }, true],
    [{ a: 1 }, { a: 2 }, false],
    [{ a: { b: 1, c: 2 } }, { a: { b: 1 } }, true],
    [{ a: [{ n: 1, d: 'x' }] }, { a: [{ n: 1 }] }, true],
    [{ a: [1, 2] }, { a: [1] }, false],
    [{ a: [2, 1] }, { a: [1, 2] }, false],
    [{}, { a: {} }, true],
    [{}, { a: { b: undefined } }, true],
    [{}, { a: { b: 1 } }, false],
    [undefined, { a: 1 }, false],
    [undefined, {}, true],
    [{ a: null }, { a: null }, true],
  ]
  for (const [present, wanted, expected] of cases)
    assert.equal(covers(present, wanted), expected, JSON.stringify([present, wanted]))
})
