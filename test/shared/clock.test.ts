import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ravenDate, systemClock } from '#shared/clock.ts'

test('systemClock.now() is the time of the machine', () => {
  const before = Date.now()
  const now = systemClock.now()
  assert.ok(now >= before && now <= Date.now())
})

test('ravenDate() writes seven decimals and the zone', () => {
  assert.equal(ravenDate(0), '1970-01-01T00:00:00.0000000Z')
  assert.equal(ravenDate(1_764_068_133_123), '2025-11-25T10:55:33.1230000Z')
})
