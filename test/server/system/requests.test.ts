import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requestIdsMax } from '#server/limits.ts'
import { indexOfRepeated, remembering } from '#server/system/requests.ts'
import { systemStore } from '#server/system/system.ts'
import { applySystemWriteSet } from '#server/system/write-set.ts'
import { hasCode } from '#shared/errors.ts'
import { mapEngine } from '#test/support/map-engine.ts'

const open = () => systemStore('AAAAAAAAAAAAAAAAAAAAAA', mapEngine(applySystemWriteSet))
const wish = ['create', 'orders']

test('indexOfRepeated() knows a request by its id and its wish', async () => {
  const system = open()
  const request = { id: 'one', wish }
  assert.equal(indexOfRepeated(system, request), undefined)
  const index = await system.write(remembering(system, request))
  assert.equal(indexOfRepeated(system, request), index)
  assert.equal(indexOfRepeated(system, { id: 'one', wish: ['create', 'other'] }), undefined)
  assert.equal(indexOfRepeated(system, { id: 'two', wish }), undefined)
})

test('indexOfRepeated() refuses an id under which something else was asked', async () => {
  const system = open()
  const request = { id: 'one', wish, content: 'a' }
  const index = await system.write(remembering(system, request))
  assert.equal(indexOfRepeated(system, request), index)
  const others = [
    { ...request, content: 'b' },
    { ...request, wish: ['create', 'other'], content: 'b' },
    { id: 'one', wish },
  ]
  for (const other of others) {
    assert.throws(
      () => indexOfRepeated(system, other),
      (error) => hasCode(error, 'RequestIdReused') && error.status === 409,
    )
  }
  assert.equal(indexOfRepeated(system, { ...request, wish: ['create', 'second'] }), undefined)
  assert.equal(indexOfRepeated(system, { ...request, id: 'two', content: 'b' }), undefined)
})

test('indexOfRepeated() cannot be misled by how id and wish are put together', async () => {
  const system = open()
  await system.write(remembering(system, { id: 'a', wish: ['b', 'c'] }))
  assert.equal(indexOfRepeated(system, { id: 'a', wish: ['b","c'] }), undefined)
  assert.equal(indexOfRepeated(system, { id: 'ab', wish: ['c'] }), undefined)
})

test('remembering() remembers nothing of a request without id', () => {
  const system = open()
  assert.deepEqual(remembering(system, undefined), [])
  assert.equal(indexOfRepeated(system, undefined), undefined)
})

test('remembering() forgets the oldest beyond its bound', async () => {
  const system = open()
  for (let n = 0; n <= requestIdsMax; n += 1) {
    await system.write(remembering(system, { id: String(n), wish }))
  }
  assert.equal(indexOfRepeated(system, { id: '0', wish }), undefined)
  for (const n of [1, requestIdsMax]) {
    assert.notEqual(indexOfRepeated(system, { id: String(n), wish }), undefined)
  }
})
