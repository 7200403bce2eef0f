import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WorkQueue } from '#operator/runtime/queue.ts'
import { fakeTime, settle } from '#test/support/fake-timers.ts'

function newQueue() {
  const time = fakeTime()
  return { time, queue: new WorkQueue({ timers: time, now: time.now }) }
}

test('WorkQueue gives a key out once that was added twice', async () => {
  const { queue } = newQueue()
  queue.add('a')
  queue.add('a')
  queue.add('b')
  assert.equal(await queue.take(), 'a')
  assert.equal(await queue.take(), 'b')
  assert.equal(queue.depth, 0)
})

test('WorkQueue keeps a key from a second worker until the first is through, then gives it out again', async () => {
  const { queue } = newQueue()
  queue.add('a')
  assert.equal(await queue.take(), 'a')
  queue.add('a')
  const second = queue.take()
  let isGiven = false
  void second.then(() => {
    isGiven = true
  })
  await settle()
  assert.equal(isGiven, false)
  queue.finish('a')
  assert.equal(await second, 'a')
})

test('WorkQueue does not repeat a key that did not come again', async () => {
  const { queue } = newQueue()
  queue.add('a')
  await queue.take()
  queue.finish('a')
  assert.equal(queue.depth, 0)
})

test('addAfter() waits, and an earlier time wins over a later one', async () => {
  const { queue, time } = newQueue()
  queue.addAfter('a', 5_000)
  queue.addAfter('a', 1_000)
  queue.addAfter('a', 9_000)
  const taken = queue.take()
  let at = 0
  void taken.then(() => {
    at = time.now()
  })
  const start = time.now()
  await time.pass(10_000)
  assert.equal(await taken, 'a')
  assert.equal(at - start, 1_000)
  assert.equal(time.waiting, 0)
})

test('add() makes a key due that was planned for later, and only once', async () => {
  const { queue, time } = newQueue()
  queue.addAfter('a', 5_000)
  queue.add('a')
  assert.equal(await queue.take(), 'a')
  queue.finish('a')
  await time.pass(10_000)
  assert.equal(queue.depth, 0)
})

test('failed() counts per key, and succeeded() begins anew', () => {
  const { queue } = newQueue()
  assert.deepEqual([queue.failed('a'), queue.failed('a'), queue.failed('b')], [1, 2, 1])
  queue.succeeded('a')
  assert.equal(queue.failed('a'), 1)
})

test('close() lets everybody go who waits and takes nothing more', async () => {
  const { queue, time } = newQueue()
  queue.addAfter('a', 1_000)
  const waiting = queue.take()
  queue.close()
  assert.equal(await waiting, undefined)
  queue.add('b')
  await time.pass(5_000)
  assert.equal(await queue.take(), undefined)
  assert.equal(queue.depth, 0)
})
