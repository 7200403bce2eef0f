import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type RunParts, runOperator } from '#operator/run.ts'
import type { Controller } from '#operator/runtime/controller.ts'
import type { LeaseRecord } from '#operator/runtime/leader.ts'
import { done } from '#operator/runtime/outcome.ts'
import { WorkQueue } from '#operator/runtime/queue.ts'
import { fakeTime } from '#test/support/fake-timers.ts'

/** An operator with one controller; every part of it says what happens to it. */
function scene({ isSynced = true, isLeading = true, isBusy = false } = {}) {
  const time = fakeTime()
  const said: string[] = []
  let record: LeaseRecord | undefined
  let version = 0
  const queue = new WorkQueue({ timers: time, now: time.now })
  const busy = Promise.withResolvers<void>()
  const controller: Controller = {
    name: 'test',
    queue,
    reconcile: async (key) => {
      said.push(`reconciles ${key}`)
      if (isBusy) await busy.promise
      return done
    },
    stop: () => queue.close(),
    workers: 1,
    backoff: { firstMs: 1, mostMs: 1 },
    waitBackoff: { firstMs: 1_000, mostMs: 60_000 },
    random: () => 0.5,
    clock: time,
    observe: (key) => said.push(`finished ${key}`),
  }
  const parts: RunParts = {
    cache: {
      synced: () => (isSynced ? Promise.resolve() : new Promise(() => undefined)),
      run: (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
    },
    controllers: [controller],
    leader: isLeading
      ? {
          identity: 'a',
          leases: {
            read: async () =>
              record === undefined ? undefined : { record, version: String(version) },
            write: async (next) => {
              record = next
              version += 1
              return true
            },
          },
          clock: time,
          timers: time,
          leaseMs: 15_000,
          renewDeadlineMs: 10_000,
          retryMs: 2_000,
          failed: (error) => said.push(String(error)),
        }
      : undefined,
    probePort: 0,
    challenges: { port: 0, answers: () => undefined },
    metrics: { text: async () => '', leads: () => said.push('leads') },
    timers: time,
    logger: { info: (_, message) => said.push(message), warn: () => undefined },
  }
  const stop = new AbortController()
  const ended = runOperator(parts, stop.signal)
  const steal = (): void => {
    record = { holder: 'b', transitions: 1, renewedAt: 0, acquiredAt: 0 }
    version += 1
  }
  return { time, said, queue, stop, ended, busy, steal, holder: () => record?.holder }
}

test('runOperator() works while it leads, and gives the lease up when it is stopped', async () => {
  const { time, said, queue, stop, ended, holder } = scene()
  await time.pass(1)
  queue.add('n/a')
  await time.pass(1)
  assert.equal(holder(), 'a')
  stop.abort()
  assert.equal(await ended, 'stopped')
  assert.equal(holder(), '')
  assert.deepEqual(said, [
    'Probes and metrics are served',
    'Challenges of CAs are answered',
    'leads',
    'This process leads',
    'reconciles n/a',
    'finished n/a',
  ])
})

test('runOperator() ends at once when the lead is lost, whatever its workers are at', async () => {
  const { time, said, queue, ended, steal, holder } = scene({ isBusy: true })
  await time.pass(1)
  queue.add('n/a')
  await time.pass(1)
  steal()
  await time.pass(2_001)
  assert.equal(await ended, 'lost')
  assert.equal(holder(), 'b', 'what is not ours is not given up')
  assert.ok(!said.includes('finished n/a'))
})

test('runOperator() lets its workers finish before the lease is given up', async () => {
  const { time, queue, stop, ended, busy, holder } = scene({ isBusy: true })
  await time.pass(1)
  queue.add('n/a')
  await time.pass(1)
  stop.abort()
  await time.pass(3_000)
  assert.equal(holder(), 'a')
  busy.resolve()
  assert.equal(await ended, 'stopped')
  assert.equal(holder(), '')
})

test('runOperator() keeps the lease where a worker never finishes, and ends all the same', async () => {
  const { time, queue, stop, ended, holder } = scene({ isBusy: true })
  await time.pass(1)
  queue.add('n/a')
  await time.pass(1)
  stop.abort()
  await time.pass(10_001)
  assert.equal(await ended, 'stopped')
  assert.equal(holder(), 'a')
})

test('runOperator() can be stopped before the API server ever answered', async () => {
  const { time, said, stop, ended } = scene({ isSynced: false })
  await time.pass(1)
  stop.abort()
  assert.equal(await ended, 'stopped')
  assert.ok(!said.includes('leads'))
  assert.ok(!said.includes('This process leads'))
})

test('runOperator() works without a lease where none is asked for', async () => {
  const { time, said, queue, stop, ended, holder } = scene({ isLeading: false })
  await time.pass(1)
  queue.add('n/a')
  await time.pass(1)
  stop.abort()
  assert.equal(await ended, 'stopped')
  assert.ok(said.includes('finished n/a'))
  assert.equal(holder(), undefined)
})
