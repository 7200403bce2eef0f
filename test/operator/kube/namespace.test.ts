import assert from 'node:assert/strict'
import { test } from 'node:test'
import { namespaces } from '#operator/kube/kinds.ts'
import type { Kube } from '#operator/kube/kube.ts'
import { isNamespaceEnding } from '#operator/kube/namespace.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import { strongroom } from '#test/support/resources.ts'

const going = { deletionTimestamp: '2026-01-01T00:00:00Z' }

async function withNamespace(metadata: object): Promise<FakeKube> {
  const kube = new FakeKube()
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', ...metadata } }
  await kube.create(namespaces, namespace)
  return kube
}

test('isNamespaceEnding() is true only where the resource and its namespace are being deleted', async () => {
  const leaving = strongroom({ metadata: going })
  assert.equal(await isNamespaceEnding(await withNamespace(going), leaving), true)
  assert.equal(await isNamespaceEnding(await withNamespace({}), leaving), false)
  assert.equal(await isNamespaceEnding(new FakeKube(), leaving), false, 'gone already')
})

test('isNamespaceEnding() asks nobody about a resource that stays', async () => {
  const silent = { get: () => assert.fail('it asked') } as unknown as Kube
  assert.equal(await isNamespaceEnding(silent, strongroom()), false)
})
