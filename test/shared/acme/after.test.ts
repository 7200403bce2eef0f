import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Order } from '#shared/acme/acme-api.ts'
import {
  afterAnswer,
  afterCleanUp,
  afterLook,
  afterPresent,
} from '#shared/acme/after-authorizations.ts'
import {
  afterDownload,
  afterFinalize,
  afterGivingUp,
  afterNewOrder,
  afterOrder,
} from '#shared/acme/after-order.ts'
import { freshOrder } from '#shared/acme/changes.ts'
import type { AuthorizationState, ChallengeState, OrderState } from '#shared/acme/order-state.ts'
import type { Outcome } from '#shared/acme/setbacks.ts'
import type { Sight } from '#shared/acme/sights.ts'
import { refused } from '#test/support/fake-ca.ts'

const nowMs = Date.UTC(2026, 10, 25)
const terms = { nowMs, random: () => 0.5, lifeMs: 10_000_000 }
const order: OrderState = { ...freshOrder({ wish: 'w' }), orderUrl: 'o', status: 'pending' }
const said: Order = { url: 'o', status: 'pending', authorizations: ['a', 'b'], finalize: 'f' }
const done = <T>(value: T): Outcome<T> => ({ kind: 'done', value })
const refusal = (given: Parameters<typeof refused>[0]) =>
  ({ kind: 'refused', problem: refused(given) }) as const
const waitOf = ({ againAt }: OrderState) =>
  againAt === undefined ? undefined : Date.parse(againAt) - nowMs

describe('afterNewOrder()', () => {
  test('writes down where everything is', () => {
    const expiresAt = nowMs + 1000
    assert.deepEqual(
      afterNewOrder(freshOrder({ wish: 'w' }), done({ ...said, expiresAt }), {
        terms,
        replaces: false,
      }),
      {
        ...order,
        finalizeUrl: 'f',
        expiresAt: new Date(expiresAt).toISOString(),
        authorizations: [
          { url: 'a', status: 'unread' },
          { url: 'b', status: 'unread' },
        ],
      },
    )
  })

  test('goes on without replaces where that is what was refused, once', () => {
    for (const given of [{ type: 'alreadyReplaced' }, { status: 409, type: 'odd' }, {}]) {
      const after = afterNewOrder(freshOrder({ wish: 'w' }), refusal(given), {
        terms,
        replaces: true,
      })
      assert.deepEqual([after.withoutReplaces, after.attempts, waitOf(after)], [true, 0, undefined])
      const next = afterNewOrder(after, refusal(given), { terms, replaces: false })
      assert.equal(next.attempts, 1)
    }
    const busy = afterNewOrder(freshOrder({ wish: 'w' }), refusal({ status: 429 }), {
      terms,
      replaces: true,
    })
    assert.equal(busy.withoutReplaces, false)
  })
})

describe('afterOrder()', () => {
  test('goes on at once with news, and looks again later where the CA still works', () => {
    const ready = afterOrder(order, done({ ...said, status: 'ready' }), terms)
    assert.deepEqual([ready.status, ready.finalized, waitOf(ready)], ['ready', false, undefined])
    const busy = afterOrder(
      order,
      done({ ...said, status: 'processing', retryAfterMs: 3000 }),
      terms,
    )
    assert.deepEqual([busy.finalized, waitOf(busy)], [true, 3000])
    assert.equal(waitOf(afterOrder(order, done(said), terms)), 500)
    const bare = afterOrder(order, done({ ...said, status: 'valid' }), terms)
    assert.equal(waitOf(bare), 500, 'valid, but no certificate yet')
  })

  test('ends an invalid order with the words of the CA', () => {
    const problem = { type: 'caa', detail: 'forbidden', subproblems: [] }
    const after = afterOrder(order, done({ ...said, status: 'invalid', problem }), terms)
    assert.deepEqual([after.problem, after.attempts], [{ type: 'caa', detail: 'forbidden' }, 1])
    const silent = afterOrder(order, done({ ...said, status: 'invalid' }), terms)
    assert.match(silent.problem?.detail ?? '', /says no more/)
  })
})

test('afterFinalize() asks how far an order is that is not ready, and ends at any other refusal', () => {
  const ready: OrderState = { ...order, status: 'ready' }
  const unknown = afterFinalize(ready, refusal({ status: 403, type: 'orderNotReady' }), terms)
  assert.deepEqual([unknown.status, unknown.orderUrl, waitOf(unknown)], [undefined, 'o', 500])
  assert.equal(afterFinalize(ready, refusal({ type: 'badCSR' }), terms).attempts, 1)
})

test('afterDownload() keeps the order until its chain is written down, and ends one that is not accepted', () => {
  const valid: OrderState = { ...order, status: 'valid', certificateUrl: 'u' }
  assert.deepEqual(afterDownload(valid, done({ refusedFor: undefined }), terms), valid)
  const after = afterDownload(valid, done({ refusedFor: 'names' }), terms)
  assert.deepEqual(after.problem, { type: 'strongroom:notAccepted', detail: 'names' })
})

test('afterGivingUp() keeps what stood in the way', () => {
  const problem = { type: 'strongroom:notVisible', detail: 'ns1 is down' }
  assert.deepEqual(afterGivingUp({ ...order, problem }, terms).problem, problem)
  assert.equal(afterGivingUp(order, terms).problem?.type, 'strongroom:orderExpired')
})

const challenge: ChallengeState = {
  type: 'dns-01',
  url: 'c',
  token: 't',
  thumbprint: 'k',
  presented: false,
  visible: false,
  answered: false,
  cleanUps: 0,
}

function open(url: string, changes: Partial<ChallengeState> = {}): AuthorizationState {
  return { url, name: `${url}.test`, status: 'pending', challenge: { ...challenge, ...changes } }
}

function outcomes<T>(...given: readonly [url: string, outcome: Outcome<T>][]) {
  return new Map(given.map(([url, outcome]) => [url, { outcome, solver: 'fake' }] as const))
}

const withBoth = (changes: Partial<ChallengeState> = {}): OrderState => ({
  ...order,
  authorizations: [open('a', changes), open('b', changes)],
})
const challenges = (state: OrderState) => state.authorizations.map(({ challenge }) => challenge)

describe('afterPresent()', () => {
  test('goes on at once where all are there', () => {
    const after = afterPresent(withBoth(), outcomes(['a', done(true)], ['b', done(true)]), terms)
    assert.deepEqual(
      challenges(after).map((each) => each?.presented),
      [true, true],
    )
    assert.equal(waitOf(after), undefined)
  })

  test('keeps what was done beside what broke, and names that', () => {
    const broken = { kind: 'broken', detail: 'down' } as const
    const after = afterPresent(
      withBoth(),
      outcomes<boolean>(['a', done(true)], ['b', broken]),
      terms,
    )
    assert.deepEqual(
      challenges(after).map((each) => each?.presented),
      [true, false],
    )
    assert.deepEqual(
      [after.problem, waitOf(after), after.attempts],
      [
        {
          name: 'b.test',
          challenge: 'dns-01',
          solver: 'fake',
          type: 'strongroom:noAnswer',
          detail: 'down',
        },
        1000,
        0,
      ],
    )
  })

  test('chooses again where the solver is gone', () => {
    const after = afterPresent(withBoth(), outcomes(['a', done(true)], ['b', done(false)]), terms)
    assert.deepEqual(after.authorizations[1], { url: 'b', name: 'b.test', status: 'unread' })
    assert.deepEqual([after.problem?.type, waitOf(after)], ['strongroom:noSolver', 500])
  })
})

test('afterAnswer() takes a refusal for an answer that was given before, but not a busy CA', () => {
  const visible = withBoth({ presented: true, visible: true })
  const given = outcomes<void>(['a', done(undefined)], ['b', refusal({ type: 'malformed' })])
  const after = afterAnswer(visible, given, terms)
  assert.deepEqual(
    challenges(after).map((each) => each?.answered),
    [true, true],
  )
  assert.deepEqual([after.attempts, waitOf(after)], [0, 500])
  const busy = outcomes<void>(
    ['a', done(undefined)],
    ['b', refusal({ status: 429, retryAfterMs: 9000 })],
  )
  const later = afterAnswer(visible, busy, terms)
  assert.deepEqual(
    challenges(later).map((each) => each?.answered),
    [true, false],
  )
  assert.equal(waitOf(later), 9000)
})

describe('afterLook()', () => {
  const read = (status: 'pending' | 'valid' | 'invalid', more: object = {}): Outcome<Sight> =>
    done({ kind: 'read', status, name: 'a.test', offered: ['dns-01'], ...more })

  test('waits longer each time, or as long as the CA says, while nothing is decided', () => {
    const answered = withBoth({ presented: true, visible: true, answered: true })
    const first = afterLook(answered, outcomes(['a', read('pending', { challenge })]), terms)
    assert.equal(waitOf(first), 500)
    const second = afterLook(first, outcomes(['a', read('pending', { challenge })]), terms)
    assert.equal(waitOf(second), 1000)
    const told = outcomes(['a', read('pending', { challenge, retryAfterMs: 7000 })])
    assert.equal(waitOf(afterLook(second, told, terms)), 7000)
  })

  test('ends with the words about the challenge that failed', () => {
    const problem = { type: 'dns', detail: 'NXDOMAIN', subproblems: [] }
    const failure = { challenge: 'dns-01', problem }
    const after = afterLook(withBoth(), outcomes(['a', read('invalid', { failure })]), terms)
    assert.deepEqual(after.problem, {
      name: 'a.test',
      challenge: 'dns-01',
      solver: 'fake',
      type: 'dns',
      detail: 'NXDOMAIN',
    })
    assert.equal(after.attempts, 1)
  })

  test('says which name no solver can prove, and what the CA offers', () => {
    const unread: OrderState = { ...order, authorizations: [{ url: 'a', status: 'unread' }] }
    const after = afterLook(
      unread,
      outcomes(['a', read('pending', { offered: ['http-01'] })]),
      terms,
    )
    assert.deepEqual([after.problem?.name, after.problem?.type], ['a.test', 'strongroom:noSolver'])
    assert.match(after.problem?.detail ?? '', /offers http-01/)
    assert.equal(after.authorizations[0]?.status, 'unread')
  })
})

describe('afterCleanUp()', () => {
  const over: OrderState = {
    ...withBoth({ presented: true }),
    finalized: true,
    status: 'processing',
  }

  test('forgets what was taken away, and keeps the time that was set', () => {
    const againAt = new Date(nowMs + 5000).toISOString()
    const after = afterCleanUp({ ...over, againAt }, outcomes<void>(['a', done(undefined)]), terms)
    assert.deepEqual(
      challenges(after).map((each) => each?.presented),
      [false, true],
    )
    assert.equal(waitOf(after), 5000)
  })

  test('counts what failed, and never comes earlier than it was to', () => {
    const broken = outcomes<void>(['a', { kind: 'broken', detail: 'down' }])
    const after = afterCleanUp(over, broken, terms)
    assert.deepEqual([challenges(after)[0]?.cleanUps, waitOf(after)], [1, 1000])
    const later = { ...over, againAt: new Date(nowMs + 5000).toISOString() }
    assert.equal(waitOf(afterCleanUp(later, broken, terms)), 5000)
  })
})
