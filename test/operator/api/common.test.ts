import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unchangeable } from '#operator/api/common.ts'

test('unchangeable() compares a field with what it was', () => {
  assert.deepEqual(unchangeable(['a', 'b'], 'It'), {
    path: ['a', 'b'],
    rule: 'self == oldSelf',
    message: 'It cannot be changed: make a new resource',
  })
})
