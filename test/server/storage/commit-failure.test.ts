import assert, { AssertionError } from 'node:assert/strict'
import { test } from 'node:test'
import { errors } from '#server/errors.ts'
import { endsWriting, failureOf } from '#server/storage/commit-failure.ts'

test('failureOf() takes a mistake of ours for a commit in doubt, and leaves every other error', () => {
  const mistake = failureOf('orders', new AssertionError({ message: 'x' }))
  assert.ok(endsWriting(mistake) && mistake.code === 'CommitInDoubt')
  for (const error of [errors.DiskFull('orders'), new Error('EIO')]) {
    assert.equal(failureOf('orders', error), error)
    assert.equal(endsWriting(error), false)
  }
  assert.equal(endsWriting(errors.DataDirectoryTaken('orders')), true)
})
