import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { backoffMs } from '#shared/backoff.ts'

const bounds = { firstMs: 100, mostMs: 5000 }

test('backoffMs() doubles up to its ceiling', () => {
  const waits = [1, 2, 3, 6, 7, 100].map((attempt) => backoffMs(bounds, attempt, () => 0.5))
  assert.deepEqual(waits, [100, 200, 400, 3200, 5000, 5000])
})

test('backoffMs() spreads by a fifth to either side', () => {
  assert.equal(
    backoffMs(bounds, 1, () => 0),
    80,
  )
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (attempt, random) => {
        const wait = backoffMs(bounds, attempt, () => random)
        assert.ok(wait >= 80 && wait <= 6000)
      },
    ),
  )
})
