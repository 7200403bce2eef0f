import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { orderWorld } from '#test/support/order-world.ts'

test('askedAtOnce() is told when to renew with the certificate, and does not wait long for that', async () => {
  const it = await orderWorld()
  const windowAt = it.clock.nowMs + 3_600_000
  const info = { start: windowAt, end: windowAt + 2, retryAfterMs: 600_000 }
  Object.assign(it.ca, { renewalInfo: async () => info })
  const passed = await it.settle()
  assert.equal(Date.parse(passed?.certificate?.renewAt ?? ''), windowAt + 1)
  const slow = await orderWorld()
  const signals: (AbortSignal | undefined)[] = []
  Object.assign(slow.ca, {
    renewalInfo: async (_: string, signal?: AbortSignal) => {
      signals.push(signal)
      await once(signal ?? assert.fail(), 'abort')
      throw signal?.reason
    },
  })
  const settled = await slow.settle()
  assert.equal(settled?.finding.reason, 'Issued')
  assert.equal(settled?.certificate?.renewal, undefined)
  assert.equal(signals.length, 1)
  assert.ok((settled?.againAtMs ?? Number.NaN) <= slow.clock.nowMs, 'it is asked again')
})

test('askedForRenewal() follows the window of the CA, and asks again when it is time', async () => {
  const it = await orderWorld()
  const first = await it.settle()
  const windowAt = it.clock.nowMs + 24 * 3_600_000
  const asked: string[] = []
  const info = { start: windowAt, end: windowAt + 2, retryAfterMs: 600_000 }
  Object.assign(it.ca, {
    renewalInfo: async (id: string) => {
      asked.push(id)
      return info
    },
  })
  it.clock.nowMs = Date.parse(first?.certificate?.renewal?.askAt ?? '')
  const second = await it.pass()
  assert.equal(second?.certificate?.sha256, first?.certificate?.sha256)
  assert.equal(Date.parse(second?.certificate?.renewAt ?? ''), windowAt + 1)
  assert.equal(asked.length, 1)
  await it.pass()
  assert.equal(asked.length, 1)
  it.clock.nowMs = windowAt + 1
  assert.equal((await it.settle())?.certificate?.revision, 2)
})
