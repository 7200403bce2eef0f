import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Looking } from '#shared/looking.ts'

/** Longer than a test. */
const neverMs = 600_000

test('now() looks one at a time, also where two ask at once', async () => {
  const steps: string[] = []
  await using looking = new Looking(async () => {
    steps.push('begins')
    await sleep(5)
    steps.push('ends')
  }, neverMs)
  await Promise.all([looking.now(), looking.now()])
  assert.deepEqual(steps, ['begins', 'ends', 'begins', 'ends'])
})

test('Looking looks by itself, and no more once it has ended', async () => {
  let looks = 0
  const looking = new Looking(async () => {
    looks += 1
  }, 2)
  while (looks < 3) await sleep(1)
  await looking[Symbol.asyncDispose]()
  const before = looks
  await sleep(20)
  assert.equal(looks, before)
})

test('the end of Looking waits for the look that is under way', async () => {
  let hasEnded = false
  const looking = new Looking(async () => {
    await sleep(10)
    hasEnded = true
  }, neverMs)
  void looking.now()
  await looking[Symbol.asyncDispose]()
  assert.ok(hasEnded)
})
