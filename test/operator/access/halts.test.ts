import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  isClusterGoing,
  misfitHalt,
  missingClusterHalt,
  stall,
  storeHalt,
  undecided,
  unreachableHalt,
  wait,
} from '#operator/access/halts.ts'
import { strongrooms } from '#operator/api/strongroom.ts'
import { readyStrongroom, strongroom } from '#test/support/resources.ts'

const untrusted = strongroom({
  status: {
    conditions: [
      {
        type: 'StoreTrusted',
        status: 'False',
        reason: 'DataLost',
        message: 'the old one is gone',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      },
    ],
  },
})
const resource = { spec: { clusterRef: { name: 'vault' } } }

test('wait() and stall() differ in who must act', () => {
  assert.deepEqual(wait('Soon', 'It comes'), { kind: 'wait', reason: 'Soon', message: 'It comes' })
  assert.deepEqual(stall('Never', 'Act'), { kind: 'stalled', reason: 'Never', message: 'Act' })
})

test('undecided waits: nothing is stuck that nobody can mend', () => {
  assert.equal(undecided.kind, 'wait')
})

test('misfitHalt() names the field that does not fit', () => {
  const cluster = strongroom()
  assert.equal(misfitHalt(strongrooms, cluster), undefined)
  const bent = { ...cluster, spec: { ...cluster.spec, storage: { size: 'much' } } }
  const found = misfitHalt(strongrooms, bent)
  assert.equal(found?.kind, 'stalled')
  assert.equal(found?.reason, 'InvalidSpec')
  assert.match(
    found?.message ?? '',
    /^The resource does not fit its schema: \/spec\/storage\/size /,
  )
})

test('missingClusterHalt() waits for a cluster that is not there yet', () => {
  assert.equal(missingClusterHalt(strongroom(), resource), undefined)
  assert.deepEqual(
    missingClusterHalt(undefined, resource),
    wait('ClusterNotFound', 'There is no Strongroom "vault" in this namespace yet'),
  )
})

test('storeHalt() lets through what is trusted, waits for what is not yet, and stalls on what is refused', () => {
  assert.equal(storeHalt(readyStrongroom(), 'store-1'), undefined)
  assert.equal(storeHalt(undefined, 'store-1'), undefined)
  assert.deepEqual(
    storeHalt(strongroom(), 'store-1'),
    wait('ClusterNotReady', 'Strongroom "vault" is not ready yet'),
  )
  assert.deepEqual(
    storeHalt(untrusted, 'store-1'),
    stall('DataLost', "The cluster's store is not trusted: the old one is gone"),
  )
})

test('unreachableHalt() says why nobody answers, as far as it is known', () => {
  assert.equal(unreachableHalt([], undefined), undefined)
  assert.deepEqual(
    unreachableHalt(undefined, 'connection refused'),
    wait('ServerUnreachable', 'connection refused'),
  )
  assert.deepEqual(
    unreachableHalt(undefined, undefined),
    wait('ServerUnreachable', 'No member of the cluster is ready'),
  )
})

test('isClusterGoing() is true without a cluster, with one that is deleted, and in a namespace that ends', () => {
  const cluster = strongroom()
  const deleted = {
    ...cluster,
    metadata: { ...cluster.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
  }
  assert.equal(isClusterGoing({ cluster, isNamespaceEnding: false }), false)
  assert.equal(isClusterGoing({ cluster: undefined, isNamespaceEnding: false }), true)
  assert.equal(isClusterGoing({ cluster: deleted, isNamespaceEnding: false }), true)
  assert.equal(isClusterGoing({ cluster, isNamespaceEnding: true }), true)
})
