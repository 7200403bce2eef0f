import assert from 'node:assert/strict'
import { test } from 'node:test'
import { storeTrust } from '#operator/access/trusted-store.ts'
import type { Condition } from '#operator/kube/conditions.ts'
import { readyStrongroom, strongroom } from '#test/support/resources.ts'

const withCondition = (given: Partial<Condition>) => {
  const condition: Condition = {
    type: 'StoreTrusted',
    status: 'True',
    reason: 'SameStore',
    message: 'the old one is gone',
    lastTransitionTime: '2026-01-01T00:00:00Z',
    ...given,
  }
  return strongroom({ status: { conditions: [condition] } })
}

test('storeTrust() trusts a store only when the cluster says that it is the same', () => {
  assert.deepEqual(storeTrust(readyStrongroom(), 'store-1'), { kind: 'trusted' })
  for (const cluster of [
    strongroom(),
    strongroom({ status: {} }),
    withCondition({ status: 'Unknown' }),
    withCondition({ type: 'Ready' }),
  ])
    assert.equal(storeTrust(cluster, 'store-1').kind, 'not-yet')
})

test('storeTrust() passes on why it is refused', () => {
  const found = storeTrust(withCondition({ status: 'False', reason: 'DataLost' }), 'store-1')
  assert.deepEqual(found, {
    kind: 'refused',
    reason: 'DataLost',
    message: "The cluster's store is not trusted: the old one is gone",
  })
})

test('storeTrust() does not trust a store that the cluster does not know, and waits for nobody who does not answer', () => {
  const found = storeTrust(readyStrongroom(), 'store-2')
  assert.equal(found.kind, 'not-yet')
  assert.match('message' in found ? found.message : '', /store-2 is not the one/)
  assert.equal(storeTrust(readyStrongroom(), undefined).kind, 'trusted')
})
