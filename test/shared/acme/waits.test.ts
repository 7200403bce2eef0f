import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokenWaitMs, failureWaitMs, lookWaitMs } from '#shared/acme/waits.ts'

const minute = 60_000
const day = 24 * 60 * minute
const middle = () => 0.5

test('failureWaitMs() begins at a hundredth of the life and doubles to a quarter, both in their bounds', () => {
  const waits = (lifeMs: number) => [1, 2, 3, 50].map((attempts) => failureWaitMs(attempts, lifeMs))
  assert.deepEqual(waits(5 * minute), [5000, 10_000, 20_000, 75_000])
  assert.deepEqual(waits(minute), [5000, 10_000, 20_000, minute])
  assert.deepEqual(waits(day), [864_000, 1_728_000, 3_456_000, day / 4])
  assert.deepEqual(waits(90 * day), [60 * minute, 120 * minute, 240 * minute, 32 * 60 * minute])
})

test('failureWaitMs() tries again within minutes where there is no certificate yet, and then ever less often', () => {
  const waits = [1, 2, 3, 4, 5, 6, 50].map((attempts) => failureWaitMs(attempts, undefined))
  assert.deepEqual(
    waits.map((wait) => wait / minute),
    [1, 3, 9, 15, 30, 60, 360],
  )
})

test('failureWaitMs() never fills a limit of five failures that forgets one every twelve minutes', () => {
  let left = 5
  for (let attempts = 1; attempts < 200; attempts += 1) {
    left -= 1
    assert.ok(left >= 1, `failure ${attempts} leaves ${left}`)
    left = Math.min(5, left + failureWaitMs(attempts, undefined) / (12 * minute))
  }
})

test('brokenWaitMs() doubles from 1 s to 5 min, and never undercuts the CA', () => {
  const waits = [1, 2, 9, 10, 1000].map((retries) => brokenWaitMs(retries, middle))
  assert.deepEqual(waits, [1000, 2000, 256_000, 300_000, 300_000])
  assert.equal(brokenWaitMs(1, middle, 9000), 9000)
  assert.equal(brokenWaitMs(9, middle, 9000), 256_000)
})

test('lookWaitMs() doubles from half a second to half a minute, or does as the CA says within bounds', () => {
  assert.deepEqual(
    [1, 2, 7, 100].map((retries) => lookWaitMs(retries, middle)),
    [500, 1000, 30_000, 30_000],
  )
  assert.equal(lookWaitMs(5, middle, 3000), 3000)
  assert.equal(lookWaitMs(5, middle, 0), 500)
  assert.equal(lookWaitMs(5, middle, 7 * day), 60 * minute)
})
