import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '#operator/kube/kube.ts'
import { belongsTo, clusterLabels, isSameOwner, ownedBy } from '#operator/kube/labels.ts'
import { strongroom } from '#test/support/resources.ts'

const labelled = (labels?: Record<string, string>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 's', ...(labels === undefined ? {} : { labels }) },
})
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

test('belongsTo() asks for the operator and the very cluster', () => {
  const { 'app.kubernetes.io/managed-by': _, ...others } = vault
  assert.ok(belongsTo(labelled(vault), 'vault'))
  assert.ok(!belongsTo(labelled(vault), 'other'))
  assert.ok(!belongsTo(labelled(others), 'vault'))
  assert.ok(!belongsTo(labelled(), 'vault'))
})

test('isSameOwner() is true of two objects of one cluster, whatever they are for', () => {
  const trust = labelled(clusterLabels('vault', 'trust'))
  assert.ok(isSameOwner(labelled(vault), trust))
  assert.ok(!isSameOwner(labelled(clusterLabels('other', 'trust')), trust))
  assert.ok(!isSameOwner(labelled(), trust))
  assert.ok(!isSameOwner(trust, labelled()))
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
