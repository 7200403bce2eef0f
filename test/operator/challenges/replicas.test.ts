import assert from 'node:assert/strict'
import { test } from 'node:test'
import { replicaAddresses } from '#operator/challenges/replicas.ts'
import { pods } from '#operator/kube/kinds.ts'
import type { KubeObject } from '#operator/kube/kube.ts'
import { FakeKube } from '#test/support/fake-kube.ts'

test('replicaAddresses() gives the running pods of this installation, or the one that is set', async () => {
  const kube = new FakeKube()
  const pod = (name: string, app: string, status: object, instance = 'op'): KubeObject => {
    const labels = { 'app.kubernetes.io/name': app, 'app.kubernetes.io/instance': instance }
    const metadata = { name, namespace: 'system', labels }
    return { apiVersion: 'v1', kind: 'Pod', metadata, status } as KubeObject
  }
  const running = { phase: 'Running', podIP: '198.18.1.2' }
  await kube.create(pods, pod('a', 'strongroom-operator', running))
  await kube.create(pods, pod('b', 'strongroom-operator', { phase: 'Pending' }))
  await kube.create(pods, pod('c', 'another', { phase: 'Running', podIP: '198.18.1.3' }))
  // Another installation in the same namespace answers for its own orders alone.
  await kube.create(pods, pod('d', 'strongroom-operator', running, 'other'))
  const place = { namespace: 'system', instance: 'op', given: '' }
  assert.deepEqual(await replicaAddresses(kube, place), ['198.18.1.2'])
  assert.deepEqual(await replicaAddresses(kube, { ...place, given: '192.0.2.1' }), ['192.0.2.1'])
})
