import assert from 'node:assert/strict'
import { test } from 'node:test'
import { orderWorld } from '#test/support/order-world.ts'

test('askedForRenewal() follows the window of the CA, and asks again when it is time', async () => {
  const it = await orderWorld()
  const first = await it.settle()
  const windowAt = it.clock.nowMs + 3_600_000
  const asked: string[] = []
  const info = { start: windowAt, end: windowAt + 2, retryAfterMs: 600_000 }
  Object.assign(it.ca, {
    renewalInfo: async (id: string) => {
      asked.push(id)
      return info
    },
  })
  it.clock.nowMs += 1
  const second = await it.pass()
  assert.equal(second?.certificate?.sha256, first?.certificate?.sha256)
  assert.equal(Date.parse(second?.certificate?.renewAt ?? ''), windowAt + 1)
  assert.equal(asked.length, 1)
  await it.pass()
  assert.equal(asked.length, 1)
  it.clock.nowMs = windowAt + 1
  assert.equal((await it.settle())?.certificate?.revision, 2)
})
