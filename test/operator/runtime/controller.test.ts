import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Controller, runController } from '#operator/runtime/controller.ts'
import { again, done, type Outcome, stalled, waiting } from '#operator/runtime/outcome.ts'
import { WorkQueue } from '#operator/runtime/queue.ts'
import { fakeTime } from '#test/support/fake-timers.ts'

function running(reconcile: (key: string, attempt: number) => Promise<Outcome>, workers = 1) {
  const time = fakeTime()
  const queue = new WorkQueue({ timers: time, now: time.now })
  const calls: { readonly key: string; readonly at: number }[] = []
  const outcomes: string[] = []
  const took: number[] = []
  const start = time.now()
  const controller: Controller = {
    name: 'test',
    queue,
    stop: () => queue.close(),
    workers,
    backoff: { firstMs: 1_000, mostMs: 8_000 },
    waitBackoff: { firstMs: 1_000, mostMs: 60_000 },
    random: () => 0.5,
    clock: time,
    reconcile: (key) => {
      calls.push({ key, at: time.now() - start })
      return reconcile(key, calls.length)
    },
    observe: (_, outcome, milliseconds) => {
      outcomes.push(outcome.kind)
      took.push(milliseconds)
    },
  }
  const ended = runController(controller)
  return {
    time,
    queue,
    calls,
    outcomes,
    took,
    end: () => {
      queue.close()
      return ended
    },
  }
}

test('runController() repeats a failure after waits that double up to the longest', async () => {
  const { time, queue, calls, outcomes, end } = running(async () => {
    throw new Error('no')
  })
  queue.add('a')
  await time.pass(24_000)
  assert.deepEqual(
    calls.map(({ at }) => at),
    [0, 1_000, 3_000, 7_000, 15_000, 23_000],
  )
  assert.ok(outcomes.every((outcome) => outcome === 'retry'))
  await end()
})

test('runController() forgets failures once a key succeeded', async () => {
  const { time, queue, calls, end } = running(async (_, attempt) => {
    if (attempt === 3) return done
    throw new Error('no')
  })
  queue.add('a')
  await time.pass(5_000)
  queue.add('a')
  await time.pass(1_000)
  assert.deepEqual(
    calls.map(({ at }) => at),
    [0, 1_000, 3_000, 5_000, 6_000],
  )
  await end()
})

test('runController() comes back when an outcome asks for it, and leaves stalled keys alone', async () => {
  const { time, queue, calls, end } = running(async (key) =>
    key === 'a' ? again(2_000) : stalled('Broken'),
  )
  queue.add('a')
  queue.add('b')
  await time.pass(5_000)
  assert.deepEqual(
    calls.map(({ key }) => key),
    ['a', 'b', 'a', 'a'],
  )
  await end()
})

test('runController() looks at a stalled key again where what mends it is not seen', async () => {
  const { time, queue, calls, end } = running(async () => stalled('Refused', 2_000))
  queue.add('a')
  await time.pass(5_000)
  assert.deepEqual(
    calls.map(({ at }) => at),
    [0, 2_000, 4_000],
  )
  await end()
})

test('runController() works on different keys side by side, and on one key one at a time', async () => {
  const release: (() => void)[] = []
  const { time, queue, calls, end } = running(
    () => new Promise((resolve) => release.push(() => resolve(done))),
    3,
  )
  queue.add('a')
  queue.add('b')
  await time.pass(1)
  queue.add('a')
  await time.pass(1)
  assert.deepEqual(
    calls.map(({ key }) => key),
    ['a', 'b'],
  )
  release[0]?.()
  await time.pass(1)
  assert.deepEqual(
    calls.map(({ key }) => key),
    ['a', 'b', 'a'],
  )
  for (const go of release) go()
  release.at(-1)?.()
  await end()
})

test('runController() says how long each reconcile took, also one that failed', async () => {
  const it = running((key) => {
    const answer = key === 'slow' ? Promise.withResolvers<Outcome>() : undefined
    if (answer === undefined) return Promise.reject(new Error('no'))
    it.time.after(700, () => answer.resolve(done))
    return answer.promise
  })
  it.queue.add('slow')
  it.queue.add('failing')
  await it.time.pass(700)
  await it.time.pass(1)
  assert.deepEqual(it.took, [700, 0])
  await it.end()
})

test('runController() looks at what is awaited each second a few times, and then ever less often', async () => {
  const { time, queue, calls, end } = running(async () => waiting('ClusterNotFound', 5))
  queue.add('a')
  await time.pass(600_000)
  const at = calls.map((call) => call.at / 1_000)
  assert.deepEqual(at.slice(0, 11), [0, 1, 2, 3, 4, 5, 6, 8, 12, 20, 36])
  const inTheLastMinutes = at.filter((second) => second > 300).length
  assert.ok(inTheLastMinutes <= 5, at.join())
  await end()
})

test('runController() looks often again once something else is awaited, and at once when an event comes', async () => {
  const { time, queue, calls, end } = running(async (_, attempt) =>
    attempt < 9 ? waiting('PodPending', 5) : waiting('ServerUnreachable', 5),
  )
  queue.add('a')
  await time.pass(12_000)
  queue.add('a')
  await time.pass(3_000)
  const at = calls.map((call) => call.at / 1_000)
  assert.deepEqual(at.slice(8), [12, 12, 13, 14, 15])
  await end()
})
