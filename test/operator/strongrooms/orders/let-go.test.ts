import assert from 'node:assert/strict'
import { test } from 'node:test'
import { strongrooms } from '#operator/api/strongroom.ts'
import { abandonedIssuer, letGo } from '#operator/strongrooms/orders/let-go.ts'
import { declared, type OrderWorld, openOrder, orderWorld } from '#test/support/order-world.ts'
import { strongroom } from '#test/support/resources.ts'

/** An order in the middle of which the process was killed, with an answer that stands. */
async function inTheMiddle() {
  const it = await orderWorld()
  it.solver.hiddenFor = 1000
  for (let look = 0; look < 5 && it.solver.standing.size === 0; look += 1) await it.pass()
  assert.equal(it.solver.standing.size, 1)
  assert.notEqual(await it.waiting(), undefined)
  return it
}

async function letGoOf(it: OrderWorld): Promise<void> {
  await letGo(await it.cluster(), 'le', it.means)
}

test('letGo() takes away what was presented and the key that waits, as often as it is done', async () => {
  const it = await inTheMiddle()
  await letGoOf(it)
  assert.equal(it.solver.standing.size, 0)
  assert.equal(await it.waiting(), undefined)
  await letGoOf(it)
  assert.ok(!it.reported.includes('ChallengesLeft'))
})

test('letGo() tries once, and says what is left behind', async () => {
  const failing = await inTheMiddle()
  failing.solver.faults.push('the zone is away')
  await letGoOf(failing)
  assert.ok(failing.reported.includes('ChallengesLeft'))
  assert.equal(await failing.waiting(), undefined)
  const gone = await inTheMiddle()
  const unusable = { kind: 'unusable', reason: 'IssuerNotFound', message: 'gone' } as const
  const notes: string[] = []
  await letGo(await gone.cluster(), 'le', {
    ...gone.means,
    findIssuer: async () => unusable,
    report: async (_, { note }) => void notes.push(note),
  })
  assert.match(notes.join(), /left behind: vault\.example by dns-01 \(gone\)$/)
  assert.equal(await gone.waiting(), undefined)
})

test('letGo() lets another cluster order the name', async () => {
  const it = await inTheMiddle()
  const claim = () => it.means.orderedNames.claim('shop/other', ['shop/vault.example'])
  assert.equal(claim(), 'shop/vault')
  await letGoOf(it)
  assert.equal(claim(), undefined)
})

test('abandonedIssuer() is the one of the order, once another source is declared', () => {
  const status = { order: openOrder('dns-01', 't'), orderIssuer: 'le' }
  const named = (server: object, more: object = {}) =>
    strongroom({ spec: { ...declared, tls: { server } as never, ...more }, status })
  assert.equal(abandonedIssuer(named({ issuerRef: { name: 'le' } })), undefined)
  assert.equal(abandonedIssuer(named({ issuerRef: { name: 'other' } })), 'le')
  assert.equal(abandonedIssuer(named({ selfSigned: {} })), 'le')
  assert.equal(abandonedIssuer(named({ selfSigned: {} }, { suspend: true })), undefined)
  assert.equal(abandonedIssuer(strongroom({ spec: declared })), undefined)
})

test('orderPass() does not go on with an order of an issuer that is declared no more', async () => {
  const it = await inTheMiddle()
  const calls = it.ca.calls.length
  const { order } = (await it.cluster()).status ?? {}
  const { apiVersion, kind, metadata } = await it.cluster()
  const status = { order, orderIssuer: 'earlier' }
  await it.kube.applyStatus(strongrooms, { apiVersion, kind, metadata, status } as never)
  assert.equal(await it.pass(), undefined)
  assert.equal(it.ca.calls.length, calls)
})
