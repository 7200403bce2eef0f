import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomBytes, randomId } from '#shared/random.ts'

test('randomBytes() gives that many, and others each time', () => {
  assert.equal(randomBytes(0).length, 0)
  assert.equal(randomBytes(33).length, 33)
  assert.notDeepEqual(randomBytes(32), randomBytes(32))
})

test('randomId() is 16 bytes as base64 without padding, and another each time', () => {
  const ids = new Set(Array.from({ length: 100 }, randomId))
  assert.equal(ids.size, 100)
  for (const id of ids) {
    assert.match(id, /^[A-Za-z0-9+/]{22}$/)
    assert.equal(Buffer.from(id, 'base64').length, 16)
  }
})
