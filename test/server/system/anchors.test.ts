import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { anchorDelayMs } from '#server/limits.ts'
import { Anchors } from '#server/system/anchors.ts'
import { systemStore } from '#server/system/system.ts'
import type { SystemStore } from '#server/system/system.types.ts'
import { applySystemWriteSet } from '#server/system/write-set.ts'
import { mapEngine } from '#test/support/map-engine.ts'

const id = 'AAAAAAAAAAAAAAAAAAAAAA'
const position = (commit: number) => ({ commit, rootTag: `tag ${commit}` })

function setUp(failed: (error: unknown) => void = (error) => assert.fail(String(error))) {
  const system = systemStore(id, mapEngine(applySystemWriteSet))
  return { system, anchors: new Anchors({ system, failed }) }
}

test('Anchors writes where a database is, once for each move', async () => {
  const { system, anchors } = setUp()
  let commit = 1
  anchors.follow('one', () => position(commit))
  await anchors.flush()
  assert.deepEqual(anchors.find('one'), position(1))
  const before = system.index
  await anchors.flush()
  assert.equal(system.index, before)
  commit = 9
  await anchors.flush()
  assert.deepEqual(anchors.find('one'), position(9))
  await anchors.close()
})

test('Anchors writes those of many databases at once', async () => {
  const { system, anchors } = setUp()
  for (let n = 0; n < 50; n += 1) anchors.follow(`database ${n}`, () => position(n + 1))
  let writes = 0
  system.onChange(() => {
    writes += 1
  })
  await anchors.flush()
  assert.equal(writes, 1)
  assert.deepEqual(anchors.find('database 49'), position(50))
  await anchors.close()
})

test('Anchors follows by itself, no later than it promises', async () => {
  const { anchors } = setUp()
  anchors.follow('one', () => position(3))
  await wait(anchorDelayMs)
  assert.deepEqual(anchors.find('one'), position(3))
  await anchors.close()
})

test('Anchors writes the last position when a database leaves, and then no more', async () => {
  const { anchors } = setUp()
  let commit = 1
  anchors.follow('one', () => position(commit))
  await anchors.flush()
  commit = 2
  await anchors.leave('one')
  commit = 3
  await anchors.close()
  assert.deepEqual(anchors.find('one'), position(2))
})

test('Anchors writes what is left when it closes', async () => {
  const { anchors } = setUp()
  anchors.follow('one', () => position(4))
  await anchors.close()
  assert.deepEqual(anchors.find('one'), position(4))
})

test('Anchors forgets one that was dropped, until its database moves again', async () => {
  const { system, anchors } = setUp()
  anchors.follow('one', () => position(4))
  await anchors.leave('one')
  await system.write([anchors.dropping('one')])
  assert.equal(anchors.find('one'), undefined)
  anchors.follow('one', () => position(2))
  await anchors.close()
  assert.deepEqual(anchors.find('one'), position(2))
})

test('Anchors goes on after a write that failed, and says so', async () => {
  const failures: unknown[] = []
  const { system, anchors } = setUp((error) => failures.push(error))
  const failing: SystemStore = Object.create(system, {
    write: { value: () => Promise.reject(new RangeError('no room')) },
  })
  const others = new Anchors({ system: failing, failed: (error) => failures.push(error) })
  others.follow('one', () => position(1))
  await wait(anchorDelayMs)
  assert.ok(failures.length > 0)
  await assert.rejects(others.close(), RangeError)
  await anchors.close()
})
