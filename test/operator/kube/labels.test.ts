import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clusterLabels, ownedBy } from '#operator/kube/labels.ts'
import { strongroom } from '#test/support/resources.ts'

const vault = clusterLabels('vault', 'server')

test('clusterLabels() are the recommended ones, and the name of the cluster', () => {
  assert.deepEqual(vault, {
    'app.kubernetes.io/name': 'strongroom',
    'app.kubernetes.io/instance': 'vault',
    'app.kubernetes.io/component': 'server',
    'app.kubernetes.io/managed-by': 'strongroom-operator',
    'app.kubernetes.io/part-of': 'strongroom',
    'strongroom.dev/cluster': 'vault',
  })
})

test('ownedBy() makes the cluster the controller, which stays until its children are gone', () => {
  assert.deepEqual(ownedBy(strongroom({ metadata: { uid: 'u1' } })), {
    apiVersion: 'strongroom.dev/v1alpha1',
    kind: 'Strongroom',
    name: 'vault',
    uid: 'u1',
    controller: true,
    blockOwnerDeletion: true,
  })
})
