import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inSlices, Slices } from '#server/database/slices.ts'
import { sliceBytes, sliceKeys } from '#server/limits.ts'

test('Slices.done() gives the loop a turn after so many keys or bytes', async () => {
  const slices = new Slices()
  for (let key = 1; key < sliceKeys; key++) assert.equal(slices.done(0), undefined)
  let others = 0
  setImmediate(() => {
    others += 1
  })
  await slices.done(0)
  assert.equal(others, 1)
  assert.equal(slices.done(sliceBytes - 1), undefined)
  assert.ok(slices.done(1) instanceof Promise)
  assert.equal(slices.done(0), undefined)
})

test('inSlices() lets others have their turn, and ends as the work does', async () => {
  let others = 0
  const counting = setInterval(() => {
    others += 1
  }, 0)
  function* work(): Generator<number, string> {
    for (let step = 0; step < 100; step += 1) {
      const until = performance.now() + 1
      while (performance.now() < until) others += 0
      yield sliceBytes
    }
    return 'done'
  }
  assert.equal(await inSlices(work()), 'done')
  clearInterval(counting)
  assert.ok(others > 10, String(others))
  // biome-ignore lint/correctness/useYield: it fails before its first step
  const failing = (function* (): Generator<number, string> {
    throw new Error('no')
  })()
  await assert.rejects(inSlices(failing), /no/)
})
