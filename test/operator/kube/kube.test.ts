import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isConflict, KubeError } from '#operator/kube/kube.ts'

test('isConflict() is true of a 409 of the API server and of nothing else', () => {
  assert.ok(isConflict(new KubeError(409, 'Conflict', 'changed')))
  for (const other of [new KubeError(404, 'NotFound', ''), new Error('409'), { status: 409 }, null])
    assert.ok(!isConflict(other))
})
