import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { witnessDelayMs } from '#server/limits.ts'
import { StoreWitness } from '#server/start/store-witness.ts'

function witness(record: () => Promise<void> = async () => undefined) {
  const rounds: number[] = []
  const failures: unknown[] = []
  const parts = {
    record: () => {
      rounds.push(performance.now())
      return record()
    },
    now: () => performance.now(),
    failed: (error: unknown) => void failures.push(error),
  }
  return { rounds, failures, witness: new StoreWitness(parts) }
}

test('StoreWitness has one round for all changes that come meanwhile, within a second of the first', async () => {
  const { rounds, witness: one } = witness()
  const began = performance.now()
  for (let i = 0; i < 100; i += 1) one.changed()
  await sleep(witnessDelayMs * 2)
  assert.equal(rounds.length, 1)
  assert.ok((rounds[0] as number) - began < 1_000)
  await one[Symbol.asyncDispose]()
  assert.equal(rounds.length, 2, 'and a last one at its end')
})

test('StoreWitness goes on after a round that failed', async () => {
  const { rounds, failures, witness: one } = witness(() => Promise.reject(new Error('no')))
  one.changed()
  await one[Symbol.asyncDispose]()
  assert.ok(rounds.length >= 1)
  assert.equal(failures.length, rounds.length)
  one.changed()
})
