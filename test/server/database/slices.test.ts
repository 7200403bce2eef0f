import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Slices } from '#server/database/slices.ts'
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
