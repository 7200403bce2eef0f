import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Fault, orderScene } from '#test/support/fake-ca.ts'
import { acted } from '#test/support/order-acts.ts'

test('advance() goes on with the same order after a kill at any act', async () => {
  const whole = await acted(orderScene())
  for (const killed of whole.acts.keys()) {
    const scene = orderScene()
    const { issued } = await acted(scene, { kill: (index) => index === killed })
    assert.equal(issued, 'chain', `killed at ${whole.acts[killed]}`)
    assert.equal(scene.ca.count('new-order'), killed === 0 ? 2 : 1, `killed at ${killed}`)
    assert.equal(scene.solver.standing.size, 0)
  }
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
      const { issued, acts } = await acted(
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
