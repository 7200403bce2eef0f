import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AccountLimiter } from '#shared/acme/account-limiter.ts'

const rates = { order: { burst: 2, perSecond: 4 }, challenge: { burst: 10, perSecond: 1 } }

test('AccountLimiter lets so many through at once, then so many a second', () => {
  let now = 1000
  const limiter = new AccountLimiter(() => now, rates)
  assert.deepEqual(
    [1, 1, 1].map((count) => limiter.take('order', count)),
    [0, 0, 250],
  )
  now += 249
  assert.ok(limiter.take('order', 1) > 0)
  now += 1
  assert.equal(limiter.take('order', 1), 0)
  now += 3_600_000
  assert.deepEqual(
    [1, 1, 1].map((count) => limiter.take('order', count)),
    [0, 0, 250],
  )
})

test('AccountLimiter counts challenges apart, and lets more than ever fit through when nobody else waits', () => {
  let now = 1000
  const limiter = new AccountLimiter(() => now, rates)
  assert.equal(limiter.take('challenge', 15), 0)
  assert.equal(limiter.take('order', 1), 0)
  assert.equal(limiter.take('challenge', 1), 6000)
  now += 6000
  assert.equal(limiter.take('challenge', 1), 0)
})

test('AccountLimiter does not owe anybody when the clock goes back', () => {
  let now = 10_000
  const limiter = new AccountLimiter(() => now, rates)
  limiter.take('order', 2)
  now = 0
  assert.equal(limiter.take('order', 1), 250)
  now = 250
  assert.equal(limiter.take('order', 1), 0)
})
