import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keyId } from '#shared/key-id.ts'

test('keyId() is the same for the same key, another for another, and holds nothing of it', () => {
  const [one, other] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
  assert.match(keyId(one), /^[0-9a-f]{16}$/)
  assert.equal(keyId(one), keyId(Buffer.from(one)))
  assert.notEqual(keyId(one), keyId(other))
  assert.equal(keyId(one).includes('0101'), false)
})
