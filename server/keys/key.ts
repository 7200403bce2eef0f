/** Secret keys of 256 bits and the names under which records speak of them. */
import assert from 'node:assert/strict'
import type { LockedBytes, LockedMemory } from '#server/seal/locked.ts'
import { keyId } from '#shared/key-id.ts'

/** Bytes of every key: master, server store and database keys alike. */
export const keyBytes = 32

/** A key in locked memory, with its id. Releasing wipes it. */
export interface SecretKey extends LockedBytes {
  readonly id: string
}

/** Takes over the bytes of a key: they are moved to locked memory and wiped where they were. */
export function takeKey(memory: LockedMemory, bytes: Buffer): SecretKey {
  assert.equal(bytes.length, keyBytes)
  return { id: keyId(bytes), ...memory.hold(bytes) }
}

/** A fresh random key. */
export function makeKey(memory: LockedMemory): SecretKey {
  const held = memory.random(keyBytes)
  return { id: keyId(held.bytes), ...held }
}
