import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { advance, resumed, wishHash } from '#shared/acme/advance.ts'
import type { Advanced } from '#shared/acme/advance.types.ts'
import { nextAct } from '#shared/acme/next-act.ts'
import { type Fault, orderScene, sceneStart } from '#test/support/fake-ca.ts'
import { acted } from '#test/support/order-acts.ts'

describe('advance() takes', () => {
  test('one act after the other until the certificate is there', async () => {
    const scene = orderScene()
    const { acts, issued } = await acted(scene)
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

  test('what must be written down: an order, what is shown and taken away, and waits', async () => {
    const kept: string[] = []
    const scene = orderScene()
    scene.solver.hiddenFor = 1
    await acted(scene, {
      stop: ({ act, mustBeKept, againAt, state }) => {
        const next = againAt > scene.clock.nowMs ? 'wait' : nextAct(state, againAt).kind
        if (mustBeKept) kept.push(`${act} before ${next}`)
        return false
      },
    })
    assert.deepEqual(kept, [
      'new-order before look',
      'look before present',
      'look before wait',
      // Of two names, one after the other is seen.
      'answer before wait',
      'answer before wait',
      'finalize before clean-up',
      'clean-up before wait',
    ])
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
    const { acts } = await acted(scene)
    assert.deepEqual(acts.slice(0, 3), ['wait', 'wait', 'new-order'])
    assert.deepEqual(asked, ['order 1', 'order 1', 'order 1', 'challenge 2'])
  })
})

describe('advance() goes on', () => {
  test('after bad nonces, 5xx and broken connections, 1 s later and then twice that, with no attempt', async () => {
    const scene = orderScene()
    const faults: Fault[] = [{ type: 'badNonce' }, { status: 503 }, 'broken', 'broken']
    scene.ca.faults.push(...faults)
    const waits: number[] = []
    await acted(scene, {
      stop: ({ againAt, state }) => {
        waits.push(againAt - scene.clock.nowMs)
        return state.orderUrl !== undefined
      },
    })
    assert.deepEqual(waits, [1000, 2000, 4000, 8000, 0])
    const { state } = await acted(scene, { acts: 1 })
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
    const { issued, acts } = await acted(scene)
    assert.equal(issued, 'chain')
    assert.deepEqual(acts.slice(0, 3), ['new-order', 'new-order', 'look'])
  })

  test('while an answer cannot be seen or a solver fails, and says what stands in the way', async () => {
    const scene = orderScene()
    scene.solver.hiddenFor = 2
    scene.solver.faults.push('the DNS server is down')
    const problems = new Set<string>()
    const { issued, state } = await acted(scene, {
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
    const begun = await acted(changed, { stop: ({ act }) => act === 'present' })
    has = false
    const lost = await acted(changed, { given: begun.state, acts: 3 })
    assert.equal(lost.state?.problem?.type, 'strongroom:noSolver')
    has = true
    assert.equal((await acted(changed, { given: lost.state })).issued, 'chain')
    assert.equal(scene.ca.count('new-order'), 1)
  })
})

test('advance() goes on when the clock is set back, or ahead within the time of the order', async () => {
  for (const jumpMs of [-30, -1, 1].map((days) => days * 23 * 60 * 60 * 1000)) {
    const scene = orderScene()
    scene.solver.hiddenFor = 3
    const begun = await acted(scene, { stop: ({ state }) => state.retries === 2 })
    scene.clock.nowMs += jumpMs
    const jumped = scene.clock.nowMs
    assert.equal((await acted(scene, { given: begun.state })).issued, 'chain')
    assert.ok(scene.clock.nowMs - jumped < 60_000, `${jumpMs}`)
    assert.equal(scene.ca.count('new-order'), 1)
  }
})

describe('advance() begins again', () => {
  test('after a failed authorization, later each time, and names what the CA said', async () => {
    const scene = orderScene({ lifeMs: 1000 * 1000 })
    scene.ca.failing.set('shop.example', 'wrong answer at shop.example')
    const failures: number[] = []
    const { state } = await acted(scene, {
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
    await acted(scene, { given: state, acts: 1 })
    assert.equal(scene.solver.standing.size, 0)
  })

  test('after an order that the CA knows no longer, and after one that expired', async () => {
    const scene = orderScene()
    const begun = await acted(scene, { stop: ({ act }) => act === 'present' })
    scene.clock.nowMs += 25 * 60 * 60 * 1000
    const expired = await acted(scene, { given: begun.state, acts: 1 })
    assert.equal(expired.state?.problem?.type, 'strongroom:orderExpired')
    assert.equal((await acted(scene, { given: expired.state })).issued, 'chain')
    const again = await acted(scene, { stop: ({ act }) => act === 'finalize' })
    scene.ca.orders.clear()
    const lost = await acted(scene, { given: again.state, acts: 2 })
    assert.deepEqual(lost.state?.problem, { type: 'malformed', detail: 'no such order' })
    assert.equal(lost.state?.orderUrl, undefined)
  })

  test('for another wish, and takes away what the last one left', async () => {
    const scene = orderScene()
    const begun = await acted(scene, { stop: ({ act }) => act === 'present' })
    const other = { ...scene, wish: { names: ['other.example'] } }
    const { acts, issued } = await acted(other, { given: begun.state })
    assert.deepEqual(acts.slice(0, 2), ['clean-up', 'new-order'])
    assert.equal(issued, 'chain')
    assert.equal(scene.solver.standing.size, 0)
  })

  test('for another account key, and takes away what was shown for the one of before', async () => {
    const scene = orderScene()
    const begun = await acted(scene, { stop: ({ act }) => act === 'present' })
    const shown = [...scene.solver.standing.keys()]
    assert.ok(shown.length > 0 && shown.every((each) => each.endsWith('.thumbprint')))
    scene.ca.thumbprint = 'another'
    const { acts, issued } = await acted(scene, { given: begun.state })
    assert.deepEqual(acts.slice(0, 2), ['clean-up', 'new-order'])
    assert.equal(issued, 'chain')
    assert.equal(scene.solver.standing.size, 0)
  })

  test('when what came is not accepted', async () => {
    const scene = orderScene({}, { accept: () => 'it is for another key' })
    const { state } = await acted(scene, { stop: ({ act }) => act === 'download' })
    assert.deepEqual(state?.problem, {
      type: 'strongroom:notAccepted',
      detail: 'it is for another key',
    })
    assert.equal(state?.attempts, 1)
  })
})

test('advance() leaves an answer where it is after three tries, and finishes all the same', async () => {
  const scene = orderScene({ names: ['shop.example'] })
  const begun = await acted(scene, { stop: ({ act }) => act === 'finalize' })
  scene.solver.faults.push('down', 'down', 'down', 'down')
  const { acts, issued } = await acted(scene, { given: begun.state })
  assert.equal(issued, 'chain')
  assert.equal(acts.filter((act) => act === 'clean-up').length, 3)
})

test('advance() ends with the signal, and with mistakes of ours', async () => {
  const scene = orderScene({}, { csr: () => Promise.reject(new TypeError('ours')) })
  await assert.rejects(acted(scene), TypeError)
})

test('advance() tries again at once after people did something about it, once, and counts on', async () => {
  const scene = orderScene({ occasion: 'first', lifeMs: 1000 * 1000 })
  scene.ca.failing.set('shop.example', 'wrong answer at shop.example')
  const hasFailed = (times: number) => (advanced: Advanced) => advanced.state.attempts === times
  const failed = await acted(scene, { stop: hasFailed(1) })
  const cleaned = await advance(failed.state, scene.wish, scene.means)
  const same = await advance(cleaned.state, scene.wish, scene.means)
  assert.deepEqual([same.act, same.state.occasion], ['wait', 'first'])
  const mended = { ...scene, wish: { ...scene.wish, occasion: 'second' } }
  const before = scene.ca.count('new-order')
  const again = await acted(mended, { given: cleaned.state, acts: 1 })
  assert.deepEqual([again.acts, scene.ca.count('new-order')], [['new-order'], before + 1])
  const failedAgain = await acted(mended, { given: again.state, stop: hasFailed(2) })
  assert.equal(failedAgain.state?.occasion, 'second')
  const after = await advance(failedAgain.state, mended.wish, mended.means)
  assert.equal((await advance(after.state, mended.wish, mended.means)).act, 'wait')
})

test('advance() waits for as long as the CA said, whatever people do meanwhile', async () => {
  const scene = orderScene({ occasion: 'first' })
  scene.ca.faults.push({ status: 429, type: 'orderNotReady', retryAfterMs: 60_000 })
  const limited = await acted(scene, { acts: 1 })
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
