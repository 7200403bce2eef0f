import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '#cli/cluster/until.ts'

test('until() says how far off a moment is, in the largest unit of which there are two', () => {
  const nowMs = Date.parse('2026-06-01T00:00:00Z')
  const cases: readonly [moment: string, says: string][] = [
    ['2026-06-01T00:00:00.000Z', '2026-06-01T00:00:00Z (in 0 s)'],
    ['2026-06-01T00:01:59.999Z', '2026-06-01T00:01:59Z (in 119 s)'],
    ['2026-06-01T00:02:00Z', '2026-06-01T00:02:00Z (in 2 min)'],
    ['2026-06-02T12:00:00Z', '2026-06-02T12:00:00Z (in 36 h)'],
    ['2026-08-30T00:00:00Z', '2026-08-30T00:00:00Z (in 90 d)'],
    ['2026-05-31T23:55:00Z', '2026-05-31T23:55:00Z (5 min ago)'],
  ]
  for (const [moment, says] of cases) assert.equal(until(moment, nowMs), says)
  assert.equal(until(undefined, nowMs), undefined)
})
