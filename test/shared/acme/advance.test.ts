import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { advance, resumed, wishHash } from '#shared/acme/advance.ts'
import type { Advanced } from '#shared/acme/advance.types.ts'
import { type OrderState, orderState } from '#shared/acme/order-state.ts'
import { jsonShape } from '#shared/contract/json.ts'
import { type Fault, type OrderScene, orderScene, sceneStart } from '#test/support/fake-ca.ts'

interface Run {
  readonly acts: string[]
  readonly state: OrderState | undefined
  readonly issued: string | undefined
}

const shape = jsonShape(orderState)

/** Goes on until a certificate is issued or `until` is reached, waiting as told; each state passes through JSON and its schema. */
async function run(
  { wish, means, clock }: OrderScene,
  {
    given,
    acts: actsMax = 200,
    stop = () => false,
    kill = () => false,
  }: {
    readonly given?: OrderState | undefined
    readonly acts?: number
    readonly stop?: (advanced: Advanced) => boolean
    /** The act was done, but its result is never written down. */
    readonly kill?: (index: number) => boolean
  } = {},
): Promise<Run> {
  const acts: string[] = []
  let state = given
  while (acts.length < actsMax) {
    const advanced = await advance(state, wish, means)
    acts.push(advanced.act)
    if (kill(acts.length - 1)) continue
    state = shape.read(JSON.stringify(advanced.state))
    assert.deepEqual(state, advanced.state, 'a state is JSON and fits its schema')
    if (advanced.issued !== undefined) return { acts, state, issued: advanced.issued }
    if (stop(advanced)) break
    clock.nowMs = Math.max(clock.nowMs, advanced.againAt)
  }
  return { acts, state, issued: undefined }
}

describe('advance() takes', () => {
  test('one act after the other until the certificate is there', async () => {
    const scene = orderScene()
    const { acts, issued } = await run(scene)
    assert.deepEqual(acts, [
      'new-order',
      'look',
      'present',
      'look',
      'answer',
      'look',
      'read-order',
      'finalize',
      'clean-up',
      'read-order',
      'download',
    ])
    assert.equal(issued, 'chain')
    assert.equal(scene.solver.standing.size, 0)
    assert.deepEqual(scene.solver.presented, ['shop.example', 'shop.example'])
  })

  test('no act before its time, and says when that is', async () => {
    const scene = orderScene()
    const given = { ...(await advance(undefined, scene.wish, scene.means)).state }
    const againAt = new Date(sceneStart + 5000).toISOString()
    const advanced = await advance({ ...given, againAt }, scene.wish, scene.means)
    assert.deepEqual(
      [advanced.act, advanced.againAt, scene.ca.calls.length],
      ['wait', sceneStart + 5000, 1],
    )
  })

  test('no order and no challenge while the limiter of the account says no', async () => {
    const asked: string[] = []
    const limiter = {
      take: (kind: string, count: number) => (asked.push(`${kind} ${count}`) < 3 ? 100 : 0),
    }
    const scene = orderScene({}, { limiter })
    const { acts } = await run(scene)
    assert.deepEqual(acts.slice(0, 3), ['wait', 'wait', 'new-order'])
    assert.deepEqual(asked, ['order 1', 'order 1', 'order 1', 'challenge 2'])
  })
})

describe('advance() goes on', () => {
  test('with the same order after a kill at any act', async () => {
    const whole = await run(orderScene())
    for (const killed of whole.acts.keys()) {
      const scene = orderScene()
      const { issued } = await run(scene, { kill: (index) => index === killed })
      assert.equal(issued, 'chain', `killed at ${whole.acts[killed]}`)
      assert.equal(scene.ca.count('new-order'), killed === 0 ? 2 : 1, `killed at ${killed}`)
      assert.equal(scene.solver.standing.size, 0)
    }
  })

  test('after bad nonces, 5xx and broken connections, 1 s later and then twice that, with no attempt', async () => {
    const scene = orderScene()
    const faults: Fault[] = [{ type: 'badNonce' }, { status: 503 }, 'broken', 'broken']
    scene.ca.faults.push(...faults)
    const waits: number[] = []
    await run(scene, {
      stop: ({ againAt, state }) => {
        waits.push(againAt - scene.clock.nowMs)
        return state.orderUrl !== undefined
      },
    })
    assert.deepEqual(waits, [1000, 2000, 4000, 8000, 0])
    const { state } = await run(scene, { acts: 1 })
    assert.equal(state?.attempts, 0)
  })

  test('exactly when a CA that had too much says so, with no attempt', async () => {
    const scene = orderScene()
    scene.ca.faults.push({
      status: 429,
      type: 'rateLimited',
      detail: 'slowly',
      retryAfterMs: 77_000,
    })
    const { state, againAt } = await advance(undefined, scene.wish, scene.means)
    assert.deepEqual(
      [againAt - sceneStart, state.attempts, state.problem],
      [77_000, 0, { type: 'rateLimited', detail: 'slowly' }],
    )
  })

  test('without `replaces` where the CA refuses it', async () => {
    const scene = orderScene({ replaces: 'a.b' })
    scene.ca.replacesIsRefused = true
    const { issued, acts } = await run(scene)
    assert.equal(issued, 'chain')
    assert.deepEqual(acts.slice(0, 3), ['new-order', 'new-order', 'look'])
  })

  test('while an answer cannot be seen or a solver fails, and says what stands in the way', async () => {
    const scene = orderScene()
    scene.solver.hiddenFor = 2
    scene.solver.faults.push('the DNS server is down')
    const problems = new Set<string>()
    const { issued, state } = await run(scene, {
      stop: ({ state: { problem } }) => {
        if (problem !== undefined)
          problems.add(`${problem.name} ${problem.solver}: ${problem.detail}`)
        return false
      },
    })
    assert.equal(issued, 'chain')
    assert.deepEqual(
      [...problems],
      ['shop.example fake: the DNS server is down', 'shop.example fake: ns1 does not show it'],
    )
    assert.equal(state?.problem, undefined)
  })

  test('with another solver when the first one is there no longer', async () => {
    const scene = orderScene({ names: ['shop.example'] })
    let has = true
    const solverFor = (_name: string, offered: readonly string[]) =>
      has && offered.includes('dns-01') ? scene.solver : undefined
    const changed = { ...scene, means: { ...scene.means, solverFor } }
    const begun = await run(changed, { stop: ({ act }) => act === 'present' })
    has = false
    const lost = await run(changed, { given: begun.state, acts: 3 })
    assert.equal(lost.state?.problem?.type, 'strongroom:noSolver')
    has = true
    assert.equal((await run(changed, { given: lost.state })).issued, 'chain')
    assert.equal(scene.ca.count('new-order'), 1)
  })
})

test('advance() goes on when the clock is set back, or ahead within the time of the order', async () => {
  for (const jumpMs of [-30, -1, 1].map((days) => days * 23 * 60 * 60 * 1000)) {
    const scene = orderScene()
    scene.solver.hiddenFor = 3
    const begun = await run(scene, { stop: ({ state }) => state.retries === 2 })
    scene.clock.nowMs += jumpMs
    const jumped = scene.clock.nowMs
    assert.equal((await run(scene, { given: begun.state })).issued, 'chain')
    assert.ok(scene.clock.nowMs - jumped < 60_000, `${jumpMs}`)
    assert.equal(scene.ca.count('new-order'), 1)
  }
})

describe('advance() begins again', () => {
  test('after a failed authorization, later each time, and names what the CA said', async () => {
    const scene = orderScene({ lifeMs: 1000 * 1000 })
    scene.ca.failing.set('shop.example', 'wrong answer at shop.example')
    const failures: number[] = []
    const { state } = await run(scene, {
      stop: ({ state: { attempts, orderUrl }, againAt }) => {
        if (orderUrl === undefined && attempts > failures.length)
          failures.push(Date.parse(String(againAt)) || againAt - scene.clock.nowMs)
        return failures.length === 6
      },
    })
    assert.deepEqual(state?.problem, {
      name: 'shop.example',
      challenge: 'dns-01',
      type: 'unauthorized',
      detail: 'wrong answer at shop.example',
      solver: 'fake',
    })
    assert.equal(state?.attempts, 6)
    // The clean-up comes first, at once; the wait is in the state.
    const waits = Date.parse(state?.againAt ?? '') - scene.clock.nowMs
    assert.equal(waits, 250_000)
    await run(scene, { given: state, acts: 1 })
    assert.equal(scene.solver.standing.size, 0)
  })

  test('after an order that the CA knows no longer, and after one that expired', async () => {
    const scene = orderScene()
    const begun = await run(scene, { stop: ({ act }) => act === 'present' })
    scene.clock.nowMs += 25 * 60 * 60 * 1000
    const expired = await run(scene, { given: begun.state, acts: 1 })
    assert.equal(expired.state?.problem?.type, 'strongroom:orderExpired')
    assert.equal((await run(scene, { given: expired.state })).issued, 'chain')
    const again = await run(scene, { stop: ({ act }) => act === 'finalize' })
    scene.ca.orders.clear()
    const lost = await run(scene, { given: again.state, acts: 2 })
    assert.deepEqual(lost.state?.problem, { type: 'malformed', detail: 'no such order' })
    assert.equal(lost.state?.orderUrl, undefined)
  })

  test('for another wish, and takes away what the last one left', async () => {
    const scene = orderScene()
    const begun = await run(scene, { stop: ({ act }) => act === 'present' })
    const other = { ...scene, wish: { names: ['other.example'] } }
    const { acts, issued } = await run(other, { given: begun.state })
    assert.deepEqual(acts.slice(0, 2), ['clean-up', 'new-order'])
    assert.equal(issued, 'chain')
    assert.equal(scene.solver.standing.size, 0)
  })

  test('for another account key, and takes away what was shown for the one of before', async () => {
    const scene = orderScene()
    const begun = await run(scene, { stop: ({ act }) => act === 'present' })
    const shown = [...scene.solver.standing.keys()]
    assert.ok(shown.length > 0 && shown.every((each) => each.endsWith('.thumbprint')))
    scene.ca.thumbprint = 'another'
    const { acts, issued } = await run(scene, { given: begun.state })
    assert.deepEqual(acts.slice(0, 2), ['clean-up', 'new-order'])
    assert.equal(issued, 'chain')
    assert.equal(scene.solver.standing.size, 0)
  })

  test('when what came is not accepted', async () => {
    const scene = orderScene({}, { accept: () => 'it is for another key' })
    const { state } = await run(scene, { stop: ({ act }) => act === 'download' })
    assert.deepEqual(state?.problem, {
      type: 'strongroom:notAccepted',
      detail: 'it is for another key',
    })
    assert.equal(state?.attempts, 1)
  })
})

test('advance() leaves an answer where it is after three tries, and finishes all the same', async () => {
  const scene = orderScene({ names: ['shop.example'] })
  const begun = await run(scene, { stop: ({ act }) => act === 'finalize' })
  scene.solver.faults.push('down', 'down', 'down', 'down')
  const { acts, issued } = await run(scene, { given: begun.state })
  assert.equal(issued, 'chain')
  assert.equal(acts.filter((act) => act === 'clean-up').length, 3)
})

test('advance() ends with the signal, and with mistakes of ours', async () => {
  const scene = orderScene({}, { csr: () => Promise.reject(new TypeError('ours')) })
  await assert.rejects(run(scene), TypeError)
})

test('advance() tries again at once after people did something about it, once, and counts on', async () => {
  const scene = orderScene({ occasion: 'first', lifeMs: 1000 * 1000 })
  scene.ca.failing.set('shop.example', 'wrong answer at shop.example')
  const hasFailed = (times: number) => (advanced: Advanced) => advanced.state.attempts === times
  const failed = await run(scene, { stop: hasFailed(1) })
  const cleaned = await advance(failed.state, scene.wish, scene.means)
  const same = await advance(cleaned.state, scene.wish, scene.means)
  assert.deepEqual([same.act, same.state.occasion], ['wait', 'first'])
  const mended = { ...scene, wish: { ...scene.wish, occasion: 'second' } }
  const before = scene.ca.count('new-order')
  const again = await run(mended, { given: cleaned.state, acts: 1 })
  assert.deepEqual([again.acts, scene.ca.count('new-order')], [['new-order'], before + 1])
  const failedAgain = await run(mended, { given: again.state, stop: hasFailed(2) })
  assert.equal(failedAgain.state?.occasion, 'second')
  const after = await advance(failedAgain.state, mended.wish, mended.means)
  assert.equal((await advance(after.state, mended.wish, mended.means)).act, 'wait')
})

test('advance() waits for as long as the CA said, whatever people do meanwhile', async () => {
  const scene = orderScene({ occasion: 'first' })
  scene.ca.faults.push({ status: 429, type: 'orderNotReady', retryAfterMs: 60_000 })
  const limited = await run(scene, { acts: 1 })
  assert.equal(limited.state?.problem?.type, 'rateLimited')
  scene.clock.nowMs -= 1
  const wish = { ...scene.wish, occasion: 'second' }
  const advanced = await advance(limited.state, wish, scene.means)
  assert.deepEqual([advanced.act, advanced.state.occasion], ['wait', 'second'])
})

test('resumed() is what an order is gone on with: the same, another one, or the same without its wait', () => {
  const account = { directoryUrl: 'https://ca.test', thumbprint: 'k' }
  const wish = { names: ['a.test'], occasion: 'first' }
  const fresh = resumed(undefined, wish, account)
  assert.equal(fresh.occasion, 'first')
  const waiting = { ...fresh, againAt: new Date(sceneStart).toISOString(), attempts: 1 }
  assert.equal(resumed(waiting, wish, account), waiting)
  assert.deepEqual(resumed(waiting, { ...wish, occasion: 'second' }, account), {
    ...fresh,
    attempts: 1,
    occasion: 'second',
  })
  assert.equal(resumed(waiting, { names: wish.names }, account), waiting, 'nothing is known')
  const other = resumed(waiting, { ...wish, names: ['b.test'] }, account)
  assert.deepEqual([other.attempts, other.againAt], [0, undefined])
})

test('wishHash() tells wishes apart by CA, account key, names and profile, and not by their order or anything else', () => {
  const wish = { names: ['b', 'a'], profile: 'short' }
  const account = { directoryUrl: 'https://ca.test', thumbprint: 'k' }
  const hash = wishHash(wish, account)
  assert.match(hash, /^[0-9a-f]{64}$/)
  assert.equal(wishHash({ ...wish, names: ['a', 'b'], replaces: 'x' }, account), hash)
  assert.notEqual(wishHash(wish, { ...account, directoryUrl: 'https://other.test' }), hash)
  assert.notEqual(wishHash(wish, { ...account, thumbprint: 'other' }), hash)
  assert.notEqual(wishHash({ ...wish, profile: 'long' }, account), hash)
  assert.notEqual(wishHash({ ...wish, names: ['a'] }, account), hash)
})

test('advance() comes to its end through any faults and kills, without a needless order or a busy loop', async () => {
  const fault = fc.oneof(
    fc.constantFrom<Fault>('broken', 'lost', { type: 'badNonce' }, { status: 500 }),
    fc.record({ status: fc.constant(429), retryAfterMs: fc.integer({ min: 0, max: 100_000 }) }),
  )
  const plan = fc.record({
    faults: fc.array(fc.option(fault, { nil: undefined }), { maxLength: 30 }),
    solverFaults: fc.array(fc.constantFrom('', 'down'), { maxLength: 8 }),
    kills: fc.uniqueArray(fc.nat(40), { maxLength: 10 }),
    hiddenFor: fc.nat(5),
    looks: fc.integer({ min: 1, max: 5 }),
    names: fc.uniqueArray(fc.constantFrom('a.test', '*.a.test', 'b.test', '10.0.0.1'), {
      minLength: 1,
    }),
  })
  await fc.assert(
    fc.asyncProperty(plan, async ({ faults, solverFaults, kills, hiddenFor, looks, names }) => {
      const scene = orderScene({ names })
      scene.ca.looks = looks
      scene.solver.hiddenFor = hiddenFor
      scene.solver.faults.push(...solverFaults.filter((words) => words !== ''))
      // A hole in the list is an exchange that goes well.
      const planned = [...faults]
      const { api } = scene.means
      const shaken = new Proxy(api, {
        get: (target, property) => {
          const value = Reflect.get(target, property)
          if (typeof value !== 'function') return value
          return (...args: unknown[]) => {
            const next = planned.shift()
            if (next !== undefined) scene.ca.faults.push(next)
            return Reflect.apply(value, target, args)
          }
        },
      })
      const killed = new Set(kills)
      let lostOrders = 0
      let atOnce = 0
      const { issued, acts } = await run(
        { ...scene, means: { ...scene.means, api: shaken } },
        {
          acts: 400,
          kill: (index) => killed.has(index),
          stop: ({ againAt }) => {
            atOnce = againAt <= scene.clock.nowMs ? atOnce + 1 : 0
            assert.ok(atOnce < 25, 'acts without a wait')
            return false
          },
        },
      )
      assert.equal(issued, 'chain')
      lostOrders = faults.filter((each) => each === 'lost').length + kills.length
      assert.ok(scene.ca.orders.size <= 1 + lostOrders)
      const withUrl = acts.indexOf('look')
      const later = acts.slice(withUrl).filter((act) => act === 'new-order')
      assert.deepEqual(later, [], 'an order that was written down is never ordered again')
    }),
    { numRuns: 200 },
  )
})
