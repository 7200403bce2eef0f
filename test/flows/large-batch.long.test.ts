/** The largest batch that is taken: others are answered meanwhile. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { waitDuringBatch } from '#test/support/answer-times.ts'

test('100,000 documents in one batch keep nobody waiting', async (t) => {
  const waitMs = await waitDuringBatch(100_000)
  t.diagnostic(`the longest wait was ${Math.round(waitMs)} ms`)
  assert.ok(waitMs < 500, `${waitMs} ms`)
})
