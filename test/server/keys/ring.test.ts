import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { makeKey, takeKey } from '#server/keys/key.ts'
import { KeyRing, type KeySubject, type WrappedKey } from '#server/keys/ring.ts'
import { type LockedMemory, openLockedMemory } from '#server/seal/locked.ts'
import { hasCode } from '#shared/errors.ts'

function inMemory(work: (memory: LockedMemory) => void): void {
  const memory = openLockedMemory()
  try {
    work(memory)
  } finally {
    memory.close()
  }
}

const subject: KeySubject = { purpose: 'database', owner: 'AAAAAAAAAAAAAAAAAAAAAA', epoch: 1 }
const damaged = (error: unknown): boolean => hasCode(error, 'WrappedKeyDamaged')

test('KeyRing unwraps what it wrapped, for every subject', () =>
  inMemory((memory) => {
    const by = makeKey(memory)
    using ring = new KeyRing(memory, by)
    const subjects = fc.record({
      purpose: fc.constantFrom('server store', 'database', 'pending database'),
      owner: fc.string(),
      epoch: fc.integer({ min: 1 }),
    })
    const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 })
    fc.assert(
      fc.property(subjects, bytes, (subject, plain) => {
        using key = takeKey(memory, Buffer.from(plain))
        const wrapped = ring.wrap(key, subject)
        using unwrapped = ring.unwrap(wrapped, subject)
        assert.deepEqual(unwrapped.bytes, Buffer.from(plain))
        assert.equal(unwrapped.id, wrapped.id)
        assert.equal(wrapped.wrappedBy, ring.id)
        assert.equal(wrapped.epoch, subject.epoch)
      }),
    )
  }))

test('KeyRing shows nothing of the key in what it wraps, and never the same twice', () =>
  inMemory((memory) => {
    using ring = new KeyRing(memory, makeKey(memory))
    const key = makeKey(memory)
    const [one, two] = [ring.wrap(key, subject), ring.wrap(key, subject)]
    assert.notEqual(one.sealed, two.sealed)
    assert.equal(one.sealed.includes(key.bytes.toString('base64').slice(0, 40)), false)
  }))

test('KeyRing unwraps nothing for another subject', () =>
  inMemory((memory) => {
    using ring = new KeyRing(memory, makeKey(memory))
    const wrapped = ring.wrap(makeKey(memory), subject)
    const others: readonly KeySubject[] = [
      { ...subject, purpose: 'server store' },
      { ...subject, owner: 'BAAAAAAAAAAAAAAAAAAAAA' },
      { ...subject, epoch: 2 },
    ]
    for (const other of others) assert.throws(() => ring.unwrap(wrapped, other), damaged)
  }))

test('KeyRing unwraps nothing with another key', () =>
  inMemory((memory) => {
    using ring = new KeyRing(memory, makeKey(memory))
    using other = new KeyRing(memory, makeKey(memory))
    const wrapped = ring.wrap(makeKey(memory), subject)
    assert.throws(() => other.unwrap(wrapped, subject), damaged)
    assert.throws(() => other.unwrap({ ...wrapped, wrappedBy: other.id }, subject), damaged)
  }))

test('KeyRing unwraps nothing that was changed in any bit, cut off or renamed', () =>
  inMemory((memory) => {
    using ring = new KeyRing(memory, makeKey(memory))
    const wrapped = ring.wrap(makeKey(memory), subject)
    const sealed = Buffer.from(wrapped.sealed, 'base64')
    const broken: WrappedKey[] = [{ ...wrapped, id: '0000000000000000' }]
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const flipped = Buffer.from(sealed)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      broken.push({ ...wrapped, sealed: flipped.toString('base64') })
    }
    for (const length of [0, 1, 39, 71]) {
      broken.push({ ...wrapped, sealed: sealed.subarray(0, length).toString('base64') })
    }
    for (const one of broken) assert.throws(() => ring.unwrap(one, subject), damaged)
  }))

test('KeyRing leaves its key to its owner and wipes what it derived', () =>
  inMemory((memory) => {
    const by = makeKey(memory)
    const before = memory.usedBytes
    const ring = new KeyRing(memory, by)
    const wrapped = ring.wrap(by, subject)
    ring[Symbol.dispose]()
    assert.equal(memory.usedBytes, before)
    using again = new KeyRing(memory, by)
    using unwrapped = again.unwrap(wrapped, subject)
    assert.deepEqual(unwrapped.bytes, by.bytes)
  }))
