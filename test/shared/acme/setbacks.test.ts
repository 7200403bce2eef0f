import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freshOrder, leftOvers } from '#shared/acme/changes.ts'
import type { OrderState } from '#shared/acme/order-state.ts'
import {
  fail,
  isRateLimited,
  isTransient,
  problemIn,
  type Setback,
  setback,
  wordsOf,
} from '#shared/acme/setbacks.ts'
import { refused } from '#test/support/fake-ca.ts'

const nowMs = Date.UTC(2026, 10, 25)
const terms = { nowMs, random: () => 0.5, lifeMs: 10_000_000 }
const order: OrderState = { ...freshOrder({ wish: 'w' }), orderUrl: 'o', status: 'pending' }
const broken: Setback = { kind: 'broken', detail: 'reset' }
const refusal = (given: Parameters<typeof refused>[0]): Setback => ({
  kind: 'refused',
  problem: refused(given),
})
const waitOf = ({ againAt }: OrderState) => Date.parse(againAt ?? '') - nowMs

test('fail() begins anew with one attempt more, what is left to be taken away, and a wait', () => {
  const challenge = {
    type: 'dns-01' as const,
    url: 'c',
    token: 't',
    thumbprint: 'k',
    presented: true,
    visible: true,
    answered: true,
    cleanUps: 0,
  }
  const authorizations = [
    { url: 'a', status: 'invalid' as const, challenge },
    { url: 'b', status: 'valid' as const },
  ]
  const failed = fail({ ...order, authorizations, attempts: 1 }, { type: 't', detail: 'd' }, terms)
  assert.deepEqual(leftOvers({ ...order, authorizations }), [authorizations[0]])
  assert.deepEqual(failed, {
    ...freshOrder({ wish: 'w' }),
    authorizations: [authorizations[0]],
    attempts: 2,
    againAt: new Date(nowMs + 200_000).toISOString(),
    waitsSince: new Date(nowMs).toISOString(),
    problem: { type: 't', detail: 'd' },
  })
})

test('fail() and setback() keep what people did last: a wait that is ended once is not ended for ever', () => {
  const begun = { ...order, occasion: 'first' }
  assert.equal(fail(begun, { type: 't', detail: 'd' }, terms).occasion, 'first')
  const unknown = refusal({ status: 400, type: 'accountDoesNotExist' })
  for (const found of [broken, refusal({ status: 403 }), refusal({ status: 429 }), unknown])
    assert.equal(setback(begun, found, { terms }).occasion, 'first')
})

test('setback() calls every answer of a CA that had too much by one name', () => {
  const odd = refusal({ status: 429, type: 'strongroom:noProblemDocument', retryAfterMs: 1 })
  assert.equal(setback(order, odd, { terms }).problem?.type, 'rateLimited')
})

test('setback() tries again what is broken, waits as long as a busy CA says, and ends what is refused', () => {
  const cases: readonly [string, Setback, { attempts: number; wait: number }][] = [
    ['a broken connection', broken, { attempts: 0, wait: 1000 }],
    ['a bad nonce', refusal({ type: 'badNonce' }), { attempts: 0, wait: 1000 }],
    ['a CA out of order', refusal({ status: 503 }), { attempts: 0, wait: 1000 }],
    [
      'one that says when',
      refusal({ status: 503, retryAfterMs: 9000 }),
      { attempts: 0, wait: 9000 },
    ],
    [
      'a page of a proxy',
      refusal({ status: 403, type: 'strongroom:noProblemDocument' }),
      { attempts: 0, wait: 1000 },
    ],
    ['too much', refusal({ status: 429, retryAfterMs: 1 }), { attempts: 0, wait: 1 }],
    ['too much, with no time', refusal({ type: 'rateLimited' }), { attempts: 0, wait: 100_000 }],
    ['a refusal', refusal({ status: 403, type: 'unauthorized' }), { attempts: 1, wait: 100_000 }],
    [
      'nothing there',
      refusal({ status: 404, type: 'strongroom:noProblemDocument' }),
      { attempts: 1, wait: 100_000 },
    ],
  ]
  for (const [name, found, { attempts, wait }] of cases) {
    const after = setback(order, found, { terms })
    assert.deepEqual([after.attempts, waitOf(after)], [attempts, wait], name)
    assert.equal(after.orderUrl, attempts === 0 ? 'o' : undefined, name)
  }
})

test('setback() orders again soon, with no attempt, where the CA forgot the account and so the order', () => {
  const after = setback(order, refusal({ type: 'accountDoesNotExist' }), { terms })
  assert.deepEqual([after.orderUrl, after.attempts, waitOf(after)], [undefined, 0, 1000])
  const later = setback(after, refusal({ type: 'accountDoesNotExist' }), { terms })
  assert.deepEqual([later.attempts, waitOf(later)], [0, 2000])
  const away = { ...order, retries: 20, problem: problemIn(broken) }
  assert.equal(waitOf(setback(away, refusal({ type: 'accountDoesNotExist' }), { terms })), 1000)
})

test('setback() says where it happened, in the words that were said there', () => {
  const about = { name: 'shop.example', challenge: 'dns-01', solver: 'rfc2136' } as const
  assert.deepEqual(setback(order, broken, { terms, about }).problem, {
    ...about,
    type: 'strongroom:noAnswer',
    detail: 'reset',
  })
})

test('wordsOf() gives the name and the words of the first subproblem', () => {
  const subproblems = [{ type: 'caa', detail: 'CAA forbids it', name: 'a.test' }]
  assert.deepEqual(wordsOf({ type: 'compound', detail: 'some failed', subproblems }), {
    name: 'a.test',
    type: 'caa',
    detail: 'some failed (CAA forbids it)',
  })
})

test('problemIn() has the code of an error that has one for its type', () => {
  const { type } = problemIn({ kind: 'broken', detail: 'BADSIG', code: 'DnsUpdateFailed' })
  assert.equal(type, 'strongroom:dnsUpdateFailed')
})

test('problemIn() bounds what is kept of a solver that says much', () => {
  assert.equal(problemIn({ kind: 'broken', detail: 'x'.repeat(9999) }).detail.length, 1024)
})

test('isTransient() and isRateLimited() are not the same', () => {
  assert.deepEqual([isTransient(broken), isTransient(refusal({ status: 429 }))], [true, false])
  assert.deepEqual(
    [isRateLimited(refused({ status: 429 })), isRateLimited(refused({}))],
    [true, false],
  )
})
