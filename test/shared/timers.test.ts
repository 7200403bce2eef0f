import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { test } from 'node:test'
import { sleep, systemTimers, type Timers } from '#shared/timers.ts'

/** Timers that ring when they are told to. */
function manual(): Timers & { ring: () => void; readonly waiting: number } {
  const works = new Set<() => void>()
  return {
    after: (_ms, work) => {
      works.add(work)
      return () => works.delete(work)
    },
    ring: () => {
      for (const work of works) work()
    },
    get waiting() {
      return works.size
    },
  }
}

test('systemTimers.after() runs the work once, and not when it was called off', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let runs = 0
  systemTimers.after(10, () => {
    runs += 1
  })
  systemTimers.after(10, () => assert.fail())()
  t.mock.timers.tick(9)
  assert.equal(runs, 0)
  t.mock.timers.tick(100)
  assert.equal(runs, 1)
})

test('sleep() ends with the time, and leaves nothing behind', async () => {
  const timers = manual()
  const { signal } = new AbortController()
  const slept = sleep(timers, 1000, signal)
  timers.ring()
  await slept
  assert.equal(timers.waiting, 0)
  assert.equal(getEventListeners(signal, 'abort').length, 0)
})

test('sleep() ends at once when its signal does, before or on the way', async () => {
  const timers = manual()
  const controller = new AbortController()
  const slept = sleep(timers, 1000, controller.signal)
  controller.abort()
  await slept
  await sleep(timers, 1000, controller.signal)
  assert.equal(timers.waiting, 0)
})
