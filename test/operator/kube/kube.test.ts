import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isConflict, KubeError, refTo } from '#operator/kube/kube.ts'

test('isConflict() is true of a 409 of the API server and of nothing else', () => {
  assert.ok(isConflict(new KubeError(409, 'Conflict', 'changed')))
  for (const other of [new KubeError(404, 'NotFound', ''), new Error('409'), { status: 409 }, null])
    assert.ok(!isConflict(other))
})

test('refTo() leads to a resource, or to a name beside it, with the namespace where there is one', () => {
  const metadata = { name: 'vault', namespace: 'shop' }
  assert.deepEqual(refTo({ metadata }), metadata)
  assert.deepEqual(refTo({ metadata }, 'other'), { name: 'other', namespace: 'shop' })
  assert.deepEqual(refTo({ metadata: { name: 'le' } }), { name: 'le' })
})
