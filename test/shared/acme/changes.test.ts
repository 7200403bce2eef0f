import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  again,
  awakened,
  freshOrder,
  leftOvers,
  progress,
  put,
  waiting,
} from '#shared/acme/changes.ts'
import type { OrderState } from '#shared/acme/order-state.ts'

const nowMs = Date.UTC(2026, 10, 25)
const terms = { nowMs, random: () => 0.5 }
const order: OrderState = { ...freshOrder({ wish: 'w' }), orderUrl: 'o', status: 'pending' }

test('put() leaves out what is undefined, as JSON would', () => {
  assert.deepEqual(
    Object.keys(put(freshOrder({ wish: 'w' }), { orderUrl: undefined })),
    Object.keys(freshOrder({ wish: 'w' })),
  )
})

test('progress() forgets waits, and the problem that they were for', () => {
  const problem = { type: 't', detail: 'd' }
  const waiting = again(order, terms, { waitMs: () => 5, problem })
  assert.deepEqual(progress(waiting, { status: 'ready' }), { ...order, status: 'ready' })
  const failedBefore = { ...order, problem }
  assert.deepEqual(progress(failedBefore, {}).problem, problem)
})

test('again() counts, and says when', () => {
  const first = again(order, terms, { waitMs: (retries) => retries * 1000 })
  const second = again(first, terms, { waitMs: (retries) => retries * 1000 })
  assert.deepEqual(
    [first.retries, first.againAt, second.retries, second.againAt],
    [1, waiting(terms, 1000).againAt, 2, '2026-11-25T00:00:02.000Z'],
  )
})

test('put() forgets since when it waits where it does not wait any more', () => {
  const waits = put(order, waiting(terms, 1000))
  assert.deepEqual(put(waits, { againAt: undefined }), order)
})

test('awakened() ends a wait where something new was done, and not one that the CA asked for', () => {
  const failed = { type: 'unauthorized', detail: 'd' }
  const waits = put(order, { ...waiting(terms, 1000), occasion: 'a', problem: failed })
  assert.equal(awakened(waits, 'a'), waits)
  assert.equal(awakened(waits, undefined), waits)
  assert.deepEqual(awakened(waits, 'b'), { ...order, occasion: 'b', problem: failed })
  const limited = put(waits, { problem: { ...failed, type: 'rateLimited' } })
  assert.deepEqual(awakened(limited, 'b'), { ...limited, occasion: 'b' })
})

test('leftOvers() are answers that may still stand somewhere', () => {
  const challenge = {
    type: 'http-01' as const,
    url: 'c',
    token: 't',
    thumbprint: 'k',
    presented: true,
    visible: true,
    answered: true,
    cleanUps: 3,
  }
  const standing = { url: 'a', status: 'valid' as const, challenge }
  const other = { ...standing, challenge: { ...challenge, presented: false } }
  const authorizations = [standing, other, { url: 'b', status: 'valid' as const }]
  const over = { ...order, authorizations, finalized: true }
  assert.deepEqual(leftOvers(over), [standing], 'the other one was taken away')
  const open = { ...order, authorizations }
  assert.deepEqual(leftOvers(open), [standing, standing], 'the other one may have been put there')
})
