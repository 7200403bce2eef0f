/** A batch as large as clients send them: others are answered meanwhile. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { waitDuringBatch } from '#test/support/answer-times.ts'

test('20,000 documents in one batch keep nobody waiting', async (t) => {
  const waitMs = await waitDuringBatch(20_000)
  t.diagnostic(`the longest wait was ${Math.round(waitMs)} ms`)
  assert.ok(waitMs < 250, `${waitMs} ms`)
})
