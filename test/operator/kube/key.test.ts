import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keyOf, refOfKey } from '#operator/kube/key.ts'
import { strongroom } from '#test/support/resources.ts'

test('keyOf() names a resource within all namespaces, and refOfKey() finds it by that', () => {
  assert.equal(keyOf(strongroom()), 'shop/vault')
  assert.deepEqual(refOfKey('shop/vault'), { name: 'vault', namespace: 'shop' })
})
