import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lockedArenaBytes, lockedBytesMax } from '#server/limits.ts'
import { openLockedMemory } from '#server/seal/locked.ts'
import { hasCode } from '#shared/errors.ts'

const refuses = { lock: () => false }

test('openLockedMemory() stops with MemoryLockFailed where the system refuses to lock', () => {
  assert.throws(
    () => openLockedMemory(refuses),
    (error) => hasCode(error, 'MemoryLockFailed'),
  )
})

test('openLockedMemory() goes on, and says so, where that is allowed', () => {
  const memory = openLockedMemory({ ...refuses, failureIsCatastrophic: false })
  assert.equal(memory.isLocked, false)
  assert.equal(memory.allocate(32).bytes.length, 32)
  memory.close()
})

test('openLockedMemory() locks where it can', () => {
  const locked: number[] = []
  const memory = openLockedMemory({ lock: ({ length }) => locked.push(length) > 0 })
  assert.equal(memory.isLocked, true)
  assert.deepEqual(locked, [lockedArenaBytes])
  memory.close()
})

test('hold() moves a secret: the source is zero afterwards', () => {
  const memory = openLockedMemory()
  const secret = Buffer.from('a key of some kind')
  const held = memory.hold(secret)
  assert.equal(held.bytes.toString(), 'a key of some kind')
  assert.deepEqual(secret, Buffer.alloc(secret.length))
  memory.close()
})

test('random() gives another secret each time', () => {
  const memory = openLockedMemory()
  assert.notDeepEqual(memory.random(32).bytes, memory.random(32).bytes)
  memory.close()
})

test('release() zeroes a piece, once, and the next one of its size gets it', () => {
  const memory = openLockedMemory()
  const first = memory.hold(Buffer.alloc(32, 1))
  const used = memory.usedBytes
  const view = first.bytes
  first.release()
  first.release()
  assert.deepEqual(view, Buffer.alloc(32))
  assert.equal(memory.usedBytes, used - 32)
  const second = memory.hold(Buffer.alloc(32, 2))
  assert.equal(second.bytes.byteOffset, view.byteOffset)
  const third = memory.hold(Buffer.alloc(32, 3))
  assert.deepEqual(second.bytes, Buffer.alloc(32, 2))
  assert.deepEqual(third.bytes, Buffer.alloc(32, 3))
  memory.close()
})

test('allocate() gives pieces that do not overlap, up to the limit and no further', () => {
  const memory = openLockedMemory()
  const pieces = Array.from({ length: lockedBytesMax / 1024 - 1 }, (_, i) => {
    const piece = memory.allocate(1024)
    piece.bytes.fill(i)
    return piece
  })
  for (const [i, { bytes }] of pieces.entries()) assert.ok(bytes.every((byte) => byte === i % 256))
  assert.throws(
    () => memory.allocate(1024),
    (error) => hasCode(error, 'MemoryLockFailed'),
  )
  pieces[5]?.release()
  assert.equal(memory.allocate(1024).bytes.length, 1024)
  memory.close()
})

test('close() takes the secrets away from whoever still holds them', () => {
  const memory = openLockedMemory()
  const held = memory.hold(Buffer.alloc(32, 1))
  memory.close()
  assert.equal(held.bytes.length, 0)
  held.release()
})
