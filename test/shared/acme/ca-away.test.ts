/** Hours without the CA, on a clock that is moved: how often it is asked meanwhile, and how soon an order ends once it is back. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { advance } from '#shared/acme/advance.ts'
import type { OrderState } from '#shared/acme/order-state.ts'
import { type OrderScene, orderScene } from '#test/support/fake-ca.ts'

const minute = 60_000
const awayMs = 12 * 60 * minute
const days = 24 * 60 * minute
/** Where the CA goes away: before the order, and after each act of one. */
const actsBefore = [0, 1, 3, 5, 7, 8]
const chances = [0, 0.5, 0.999]

interface Passage {
  readonly state: OrderState | undefined
  readonly issued: boolean
  /** When the CA was asked, milliseconds since 1970. */
  readonly askedAt: readonly number[]
}

/** Act after act, each when it is due, until the certificate came or the time is over. */
async function goOn(
  { wish, means, clock, ca }: OrderScene,
  { given, untilMs }: { readonly given?: OrderState | undefined; readonly untilMs: number },
): Promise<Passage> {
  const askedAt: number[] = []
  let state = given
  while (clock.nowMs < untilMs) {
    const before = ca.calls.length
    const advanced = await advance(state, wish, means)
    if (ca.calls.length > before) askedAt.push(clock.nowMs)
    state = advanced.state
    if (advanced.issued !== undefined) return { state, issued: true, askedAt }
    clock.nowMs = Math.max(clock.nowMs, advanced.againAt)
  }
  return { state, issued: false, askedAt }
}

async function begun(scene: OrderScene, acts: number): Promise<OrderState | undefined> {
  let state: OrderState | undefined
  for (let act = 0; act < acts; act += 1) {
    const advanced = await advance(state, scene.wish, scene.means)
    state = advanced.state
    scene.clock.nowMs = Math.max(scene.clock.nowMs, advanced.againAt)
  }
  return state
}

for (const lifeMs of [undefined, days, 90 * days])
  test(`advance() asks a CA that is away for 12 hours every 4 to 6 minutes, and ends the same order when it is back (life ${lifeMs})`, async () => {
    for (const acts of actsBefore)
      for (const chance of chances) {
        const wish = lifeMs === undefined ? {} : { lifeMs }
        const scene = orderScene(wish, { random: () => chance })
        const given = await begun(scene, acts)
        const leftAt = scene.clock.nowMs
        scene.ca.isAway = true
        const away = await goOn(scene, { given, untilMs: leftAt + awayMs })
        const note = `after ${acts} acts, ${chance}`
        const gaps = away.askedAt.map((at, index) => at - (away.askedAt[index - 1] ?? leftAt))
        assert.ok(Math.max(...gaps) <= 6 * minute, note)
        // Nine waits until it has doubled to five minutes, then as often as those fit.
        const count = away.askedAt.length
        assert.ok(count >= 120 && count <= 190, `${note}: ${count} tries`)
        assert.equal(away.issued, false)
        assert.equal(away.state?.attempts, 0, 'an absence is no failed attempt')
        assert.equal(away.state?.problem?.type, 'strongroom:noAnswer')
        assert.ok(JSON.stringify(away.state).length < 4096, 'a status does not grow meanwhile')
        const backAt = scene.clock.nowMs
        scene.ca.isAway = false
        const back = await goOn(scene, { given: away.state, untilMs: backAt + days })
        assert.ok(back.issued, note)
        assert.ok(scene.clock.nowMs - leftAt - awayMs <= 7 * minute, note)
        assert.equal(scene.ca.orders.size, 1, `${note}: one order`)
        assert.equal(scene.solver.standing.size, 0)
      }
  })

test('advance() orders once from a CA that comes back after 12 hours and knows the account no longer', async () => {
  const scene = orderScene({ lifeMs: 90 * days })
  scene.ca.isAway = true
  const leftAt = scene.clock.nowMs
  const away = await goOn(scene, { untilMs: leftAt + awayMs })
  scene.ca.isAway = false
  // Whoever keeps the account makes it again meanwhile.
  const faults = Array.from({ length: 3 }, () => ({ type: 'accountDoesNotExist' }))
  scene.ca.faults.push(...faults)
  const backMs = scene.clock.nowMs
  const back = await goOn(scene, { given: away.state, untilMs: backMs + days })
  assert.ok(back.issued)
  assert.equal(back.state?.attempts, 0)
  assert.equal(scene.ca.orders.size, 1)
  assert.ok(scene.clock.nowMs - backMs <= minute / 2, 'it is there again: nobody waits for minutes')
})
