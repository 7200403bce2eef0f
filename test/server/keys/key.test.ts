import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { keyBytes, makeKey, takeKey } from '#server/keys/key.ts'
import { openLockedMemory } from '#server/seal/locked.ts'
import { keyId } from '#shared/key-id.ts'

test('takeKey() moves the key away from where it was', () => {
  const memory = openLockedMemory()
  const source = randomBytes(keyBytes)
  const copy = Buffer.from(source)
  const key = takeKey(memory, source)
  assert.deepEqual(key.bytes, copy)
  assert.deepEqual(source, Buffer.alloc(keyBytes))
  assert.equal(key.id, keyId(copy))
  memory.close()
})

test('takeKey() gives a key that is wiped by its release, and by the end of a block', () => {
  const memory = openLockedMemory()
  const released = takeKey(memory, randomBytes(keyBytes))
  released.release()
  assert.deepEqual(released.bytes, Buffer.alloc(keyBytes))
  let view: Buffer
  {
    using key = takeKey(memory, randomBytes(keyBytes))
    view = key.bytes
  }
  assert.deepEqual(view, Buffer.alloc(keyBytes))
  memory.close()
})

test('makeKey() makes another key each time', () => {
  const memory = openLockedMemory()
  const keys = [makeKey(memory), makeKey(memory)]
  assert.notDeepEqual(keys[0]?.bytes, keys[1]?.bytes)
  assert.notEqual(keys[0]?.id, keys[1]?.id)
  memory.close()
})

test('keyId() is short, stable and no part of the key', () => {
  assert.equal(keyId(Buffer.alloc(keyBytes)), keyId(Buffer.alloc(keyBytes)))
  assert.match(keyId(Buffer.alloc(keyBytes)), /^[0-9a-f]{16}$/)
  assert.notEqual(keyId(Buffer.alloc(keyBytes, 1)), keyId(Buffer.alloc(keyBytes, 2)))
})
