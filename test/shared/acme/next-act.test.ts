import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nextAct } from '#shared/acme/next-act.ts'
import type { AuthorizationState, ChallengeState, OrderState } from '#shared/acme/order-state.ts'

const nowMs = Date.UTC(2026, 10, 25)
const at = (offsetMs: number) => new Date(nowMs + offsetMs).toISOString()

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

function authorization(url: string, changes: Partial<ChallengeState> = {}): AuthorizationState {
  return { url, name: url, status: 'pending', challenge: { ...challenge, ...changes } }
}

function order(changes: Partial<OrderState> = {}): OrderState {
  return {
    wish: 'w',
    orderUrl: 'o',
    status: 'pending',
    authorizations: [],
    finalized: false,
    withoutReplaces: false,
    attempts: 0,
    retries: 0,
    ...changes,
  }
}

const presented = { presented: true }
const visible = { presented: true, visible: true }
const answered = { presented: true, visible: true, answered: true }

test('nextAct() finds what is next from what is known', () => {
  const fresh = order()
  const { orderUrl: _, ...none } = fresh
  const cases: readonly [string, OrderState, object][] = [
    ['nothing', none, { kind: 'new-order' }],
    [
      'authorizations that were not read, beside one that was',
      order({
        authorizations: [
          { url: 'a', status: 'unread' },
          { url: 'b', status: 'valid' },
        ],
      }),
      { kind: 'look', urls: ['a'] },
    ],
    [
      'answers that are not there',
      order({
        authorizations: [authorization('a'), authorization('b', visible), authorization('c')],
      }),
      { kind: 'present', urls: ['a', 'c'] },
    ],
    [
      'an answer that is visible, beside one that is not yet',
      order({ authorizations: [authorization('a', presented), authorization('b', visible)] }),
      { kind: 'answer', urls: ['b'] },
    ],
    [
      'answers that are looked for, and looked at',
      order({ authorizations: [authorization('a', presented), authorization('b', answered)] }),
      { kind: 'look', urls: ['a', 'b'] },
    ],
    [
      'all decided',
      order({ authorizations: [{ url: 'a', status: 'valid' }] }),
      { kind: 'read-order' },
    ],
    ['a ready order', order({ status: 'ready' }), { kind: 'finalize' }],
    ['a certificate', order({ status: 'valid', certificateUrl: 'u' }), { kind: 'download' }],
    ['none yet', order({ status: 'processing', finalized: true }), { kind: 'read-order' }],
  ]
  for (const [name, state, act] of cases) assert.deepEqual(nextAct(state, nowMs), act, name)
})

test('nextAct() reads the order where its status is not known', () => {
  const { status: _, ...unknown } = order({ authorizations: [authorization('a')] })
  assert.deepEqual(nextAct(unknown, nowMs), { kind: 'read-order' })
})

test('nextAct() waits until the moment in the state, but not for one that a wrong clock wrote', () => {
  assert.deepEqual(nextAct(order({ againAt: at(1) }), nowMs), { kind: 'wait', untilMs: nowMs + 1 })
  assert.equal(nextAct(order({ againAt: at(0) }), nowMs).kind, 'read-order')
  assert.equal(nextAct(order({ againAt: at(400 * 24 * 60 * 60 * 1000) }), nowMs).kind, 'read-order')
})

test('nextAct() does not wait by a clock that was set back, and forgives one that is a little behind', () => {
  const day = 24 * 60 * 60 * 1000
  const set = (sinceMs: number) =>
    nextAct(order({ againAt: at(sinceMs + 1000), waitsSince: at(sinceMs) }), nowMs).kind
  assert.deepEqual([set(0), set(30_000), set(day)], ['wait', 'wait', 'read-order'])
})

test('nextAct() gives up an order whose time is over, unless the CA has its request', () => {
  const over = { expiresAt: at(0) }
  assert.equal(nextAct(order(over), nowMs).kind, 'give-up')
  assert.equal(
    nextAct(order({ ...over, status: 'processing', finalized: true }), nowMs).kind,
    'read-order',
  )
})

test('nextAct() takes answers away at once when an order is over, later where that failed, and not for ever', () => {
  const rest = (cleanUps: number) => [
    authorization('a', { ...answered, cleanUps }),
    authorization('b'),
  ]
  const { orderUrl: _, ...failed } = order({ againAt: at(1000) })
  const act = (cleanUps: number, when = nowMs) =>
    nextAct({ ...failed, authorizations: rest(cleanUps) }, when)
  assert.deepEqual(act(0), { kind: 'clean-up', urls: ['a'] })
  assert.equal(act(1).kind, 'wait')
  assert.deepEqual(act(1, nowMs + 1000), { kind: 'clean-up', urls: ['a'] })
  assert.equal(act(3, nowMs + 1000).kind, 'new-order')
})
