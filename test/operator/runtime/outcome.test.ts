import assert from 'node:assert/strict'
import { test } from 'node:test'
import { again, done, retry, stalled } from '#operator/runtime/outcome.ts'

test('an outcome is one of four, with what belongs to it', () => {
  const error = new Error('x')
  assert.deepEqual(
    [done, again(5), retry(error), stalled('KeyMissing')],
    [
      { kind: 'done' },
      { kind: 'again', afterMs: 5 },
      { kind: 'retry', error },
      { kind: 'stalled', reason: 'KeyMissing' },
    ],
  )
})
