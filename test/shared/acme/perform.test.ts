import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freshOrder } from '#shared/acme/changes.ts'
import { dnsErrors } from '#shared/acme/dns/errors.ts'
import type { AuthorizationState } from '#shared/acme/order-state.ts'
import * as perform from '#shared/acme/perform.ts'
import { orderScene } from '#test/support/fake-ca.ts'

const authorization: AuthorizationState = {
  url: 'https://ca.test/order/1/*.a.test',
  name: '*.a.test',
  status: 'pending',
  challenge: {
    type: 'dns-01',
    url: 'c',
    token: 't',
    thumbprint: 'k',
    presented: true,
    visible: false,
    answered: false,
    cleanUps: 0,
  },
}
const outcomeOf = <T>(outcomes: ReadonlyMap<string, { readonly outcome: T }>) =>
  outcomes.get(authorization.url)?.outcome

test('perform.present() gives a solver the name without its wildcard, and the key authorization', async () => {
  const { solver, means } = orderScene()
  const outcomes = await perform.present([authorization], means)
  assert.deepEqual(outcomes.get(authorization.url), {
    outcome: { kind: 'done', value: true },
    solver: 'fake',
  })
  assert.deepEqual([...solver.standing.keys()], ['a.test t.k'])
})

test('perform asks with what the wish says, and without replaces once that was refused', async () => {
  const { ca, means } = orderScene()
  const wish = { names: ['a.test'], replaces: 'x.y' }
  await perform.newOrder(freshOrder({ wish: 'w' }), wish, means)
  await perform.newOrder({ ...freshOrder({ wish: 'w' }), withoutReplaces: true }, wish, means)
  assert.deepEqual(
    [...ca.orders.values()].map(({ replaces }) => replaces),
    ['x.y', undefined],
  )
})

test('perform.look() asks the solver until the answer is visible, then the CA', async () => {
  const { solver, ca, means } = orderScene()
  solver.hiddenFor = 1
  const look = async () => outcomeOf(await perform.look({ retries: 0 }, [authorization], means))
  assert.deepEqual(await look(), {
    kind: 'done',
    value: { kind: 'checked', hidden: 'ns1 does not show it' },
  })
  assert.deepEqual(await look(), { kind: 'done', value: { kind: 'checked', hidden: '' } })
  assert.equal(ca.calls.length, 0)
})

test('perform.look() puts an answer there again that cannot be seen for long, and says what is in its way', async () => {
  const { solver, means } = orderScene()
  solver.hiddenFor = 10
  const lookAfter = async (retries: number) =>
    outcomeOf(await perform.look({ retries }, [authorization], means))
  for (const retries of [0, 1, 2, 3]) await lookAfter(retries)
  assert.deepEqual(solver.presented, [])
  const hidden = { kind: 'checked', hidden: 'ns1 does not show it' }
  assert.deepEqual(await lookAfter(4), { kind: 'done', value: hidden })
  assert.deepEqual(solver.presented, ['a.test'])
  await lookAfter(5)
  assert.deepEqual(solver.presented, ['a.test', 'a.test'])
})

test('perform says that a solver is gone or broke, in its words', async () => {
  const { solver, means } = orderScene()
  solver.faults.push('no route to ns1')
  assert.deepEqual(outcomeOf(await perform.cleanUp([authorization], means)), {
    kind: 'broken',
    detail: 'no route to ns1',
  })
  const without = { ...means, solverFor: () => undefined }
  assert.deepEqual(outcomeOf(await perform.present([authorization], without)), {
    kind: 'done',
    value: false,
  })
  assert.deepEqual(outcomeOf(await perform.look({ retries: 0 }, [authorization], without)), {
    kind: 'done',
    value: { kind: 'unsolved' },
  })
  assert.equal(outcomeOf(await perform.cleanUp([authorization], without))?.kind, 'broken')
})

test('perform keeps the code of what a solver says', async () => {
  const { means } = orderScene()
  const refuse = () => Promise.reject(dnsErrors.DnsZoneNotFound('a.test', 'nobody', 'Make it'))
  const solver = { type: 'dns-01', present: refuse, check: refuse, cleanUp: refuse } as const
  const outcomes = await perform.present([authorization], { ...means, solverFor: () => solver })
  const { code, detail } = outcomeOf(outcomes) as { readonly code: string; readonly detail: string }
  assert.equal(code, 'DnsZoneNotFound')
  assert.match(detail, /a\.test/)
})

test('perform throws what the signal of the caller ended', async () => {
  const { means } = orderScene()
  const solver = {
    type: 'dns-01',
    present: (_: unknown, signal: AbortSignal) => Promise.reject(signal.reason),
    check: async () => undefined,
    cleanUp: async () => undefined,
  } as const
  const signal = AbortSignal.abort(new Error('enough'))
  await assert.rejects(
    perform.present([authorization], { ...means, solverFor: () => solver, signal }),
    /enough/,
  )
})

test('perform.answer() tells a refusal from silence', async () => {
  const { ca, means } = orderScene()
  ca.faults.push({ status: 400 }, 'broken')
  assert.equal(outcomeOf(await perform.answer([authorization], means))?.kind, 'refused')
  assert.equal(outcomeOf(await perform.answer([authorization], means))?.kind, 'broken')
  assert.equal(outcomeOf(await perform.answer([authorization], means))?.kind, 'done')
})
