import assert from 'node:assert/strict'
import { test } from 'node:test'
import { awaitedMs } from '#operator/strongrooms/orders/awaited.ts'
import { OwnWrites } from '#operator/strongrooms/own-writes.ts'
import type { OrderState } from '#shared/acme/order-state.ts'
import { openOrder } from '#test/support/order-world.ts'
import { strongroom } from '#test/support/resources.ts'

const nowMs = Date.UTC(2026, 5, 1)

/** The CA was given the request, and asked for so long. */
function waiting(waitMs: number, changes: Partial<OrderState> = {}) {
  const challenge = { presented: false, visible: true, answered: true, cleanUps: 0 }
  const { authorizations, ...open } = openOrder('dns-01', 't')
  const order = {
    ...open,
    authorizations: authorizations.map((each) => ({
      ...each,
      ...(each.challenge && { challenge: { ...each.challenge, ...challenge } }),
    })),
    ...{ finalized: true, againAt: new Date(nowMs + waitMs).toISOString(), ...changes },
  }
  return strongroom({ metadata: { resourceVersion: '7' }, status: { order } })
}

function asked(cluster: ReturnType<typeof waiting>, isOwn = true): number | undefined {
  const ownWrites = new OwnWrites()
  if (isOwn) ownWrites.note(cluster)
  return awaitedMs(cluster, { clock: { now: () => nowMs }, ownWrites })
}

test('awaitedMs() is what is left of the moment that a CA asked for', () => {
  assert.equal(asked(waiting(1)), 1)
  assert.equal(asked(waiting(2_000)), 2_000)
})

test('awaitedMs() holds up nothing where it is over, long, before the request, or anybody else wrote', () => {
  assert.equal(asked(waiting(0)), undefined)
  assert.equal(asked(waiting(2_001)), undefined)
  assert.equal(asked(waiting(1_000, { finalized: false })), undefined)
  const problem = { type: 'serverInternal', detail: 'x' }
  assert.equal(asked(waiting(1_000, { problem })), undefined, 'people are to be told')
  assert.equal(asked(waiting(1_000), false), undefined)
  assert.equal(asked(strongroom({ metadata: { resourceVersion: '7' } })), undefined)
})

test('awaitedMs() goes by what this process has in mind', () => {
  const cluster = waiting(1_000, { finalized: false })
  const { order } = cluster.status ?? {}
  const ownWrites = new OwnWrites()
  ownWrites.note(cluster)
  const left = () => awaitedMs(cluster, { clock: { now: () => nowMs }, ownWrites })
  assert.equal(left(), undefined)
  ownWrites.goAhead(cluster, {
    written: order,
    order: { ...(order ?? assert.fail()), finalized: true },
  })
  assert.equal(left(), 1_000)
})
