import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Attempts } from '#operator/access/attempts.ts'
import { strongroomIssuers } from '#operator/api/issuer.ts'
import { type Strongroom, strongrooms } from '#operator/api/strongroom.ts'
import { pods, secrets } from '#operator/kube/kinds.ts'
import { again } from '#operator/runtime/outcome.ts'
import { WorkQueue } from '#operator/runtime/queue.ts'
import { reconcileStrongroom, wakeStrongrooms } from '#operator/strongrooms/controller.ts'
import { OwnWrites } from '#operator/strongrooms/own-writes.ts'
import { plan } from '#operator/strongrooms/plan.ts'
import { statusOf } from '#operator/strongrooms/status.ts'
import { Verdicts } from '#operator/strongrooms/verdicts.ts'
import { OrderedNames } from '#shared/acme/ordered-names.ts'
import { FakeAdmin } from '#test/support/fake-admin.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import { noIssuer } from '#test/support/operator-world.ts'
import { openOrder } from '#test/support/order-world.ts'
import { issuer, secret, strongroom } from '#test/support/resources.ts'
import { strongroomWorld } from '#test/support/strongroom-world.ts'
import { ofVault, pod, syncedCache } from '#test/support/synced-cache.ts'

async function scene(given: Parameters<typeof strongroom>[0] = {}) {
  const kube = new FakeKube()
  await kube.create(strongrooms, strongroom(given))
  const synced = await syncedCache(kube)
  const reported: string[] = []
  const means = {
    kube,
    cache: synced.cache,
    clock: synced.time,
    attempts: new Attempts({ clock: synced.time, random: () => 0.5 }),
    dialing: { admin: () => new FakeAdmin(), served: async () => ({ failure: 'not now' }) },
    operatorImage: 'strongroom:1',
    random: () => 0.5,
    ...{ orderedNames: new OrderedNames(), ownWrites: new OwnWrites(), verdicts: new Verdicts() },
    findIssuer: noIssuer,
    report: async (_: unknown, { reason }: { readonly reason: string }) =>
      void reported.push(reason),
    follow: () => undefined,
  }
  const ready = async (): Promise<string> => {
    const found = await kube.get<Strongroom>(strongrooms, { name: 'vault', namespace: 'shop' })
    const condition = found?.status?.conditions?.find(({ type }) => type === 'Ready')
    return `${condition?.status} ${condition?.reason}`
  }
  const dispose = async (): Promise<void> => synced[Symbol.asyncDispose]()
  return { kube, means, reported, ready, time: synced.time, [Symbol.asyncDispose]: dispose }
}

test('wakeStrongrooms() wakes with everything that carries the cluster’s label', async () => {
  await using it = await scene()
  const woken = new Set<string>()
  const queue = new WorkQueue({ timers: it.time, now: it.time.now })
  queue.add = (key) => void woken.add(key)
  wakeStrongrooms(it.means, queue)
  const after = async (work: Promise<unknown>): Promise<string[]> => {
    woken.clear()
    await work
    await it.time.pass(1)
    return [...woken]
  }
  assert.deepEqual(await after(it.kube.create(pods, pod())), ['shop/vault'])
  assert.deepEqual(await after(it.kube.create(secrets, ofVault(secret('a', {})))), ['shop/vault'])
  assert.deepEqual(await after(it.kube.create(secrets, secret('b', {}))), [])
  const other = strongroom({ metadata: { name: 'other' } })
  assert.deepEqual(await after(it.kube.create(strongrooms, other)), ['shop/other'])
})

test('wakeStrongrooms() wakes those that name an issuer when it comes, changes and goes', async () => {
  const issuerRef = { name: 'le' }
  await using it = await scene({ spec: { tls: { server: { issuerRef } } } })
  const woken = new Set<string>()
  const queue = new WorkQueue({ timers: it.time, now: it.time.now })
  queue.add = (key) => void woken.add(key)
  wakeStrongrooms(it.means, queue)
  const after = async (work: Promise<unknown>): Promise<string[]> => {
    woken.clear()
    await work
    await it.time.pass(1)
    return [...woken]
  }
  const metadata = { name: 'le', namespace: 'shop' }
  const named = (name: string) => issuer({ metadata: { ...metadata, name } })
  assert.deepEqual(await after(it.kube.create(strongroomIssuers, named('other'))), [])
  assert.deepEqual(await after(it.kube.create(strongroomIssuers, named('le'))), ['shop/vault'])
  assert.deepEqual(await after(it.kube.delete(strongroomIssuers, metadata)), ['shop/vault'])
})

test('reconcileStrongroom() takes a step, says so, writes it down and comes back', async () => {
  await using it = await scene()
  assert.deepEqual(await reconcileStrongroom('shop/none', it.means), { kind: 'done' })
  const outcome = await reconcileStrongroom('shop/vault', it.means)
  assert.deepEqual(outcome, { kind: 'waiting', for: 'MakingMasterKey', quickLooks: 20 })
  assert.deepEqual(it.reported, ['MasterKeyMade'])
  assert.equal(await it.ready(), 'False MakingMasterKey')
})

test('reconcileStrongroom() waits for events of members that do not run yet, and does not look for them every second', async () => {
  await using it = await scene()
  let outcome = await reconcileStrongroom('shop/vault', it.means)
  for (let look = 0; look < 10 && (await it.ready()) !== 'False AwaitingMembers'; look += 1) {
    await it.time.pass(1)
    outcome = await reconcileStrongroom('shop/vault', it.means)
  }
  assert.equal(await it.ready(), 'False AwaitingMembers')
  assert.deepEqual(outcome, { kind: 'done' })
})

test('reconcileStrongroom() changes nothing of what is suspended', async () => {
  await using it = await scene({ spec: { suspend: true } })
  assert.deepEqual(await reconcileStrongroom('shop/vault', it.means), {
    kind: 'stalled',
    reason: 'Suspended',
  })
  assert.deepEqual(it.kube.writes.slice(1), ['status Strongroom vault'])
  assert.equal(await it.ready(), 'False Suspended')
})

test('reconcileStrongroom() stops at a name that somebody else’s object bears, and status says which', async () => {
  await using it = await scene()
  await reconcileStrongroom('shop/vault', it.means)
  await it.kube.create(secrets, secret('vault-client-ca', { theirs: 'x' }))
  await it.time.pass(1)
  const outcome = await reconcileStrongroom('shop/vault', it.means)
  assert.deepEqual(outcome, { kind: 'stalled', reason: 'NameTaken', afterMs: 15_000 })
  assert.equal(await it.ready(), 'False NameTaken')
  assert.ok(it.reported.includes('NameTaken'), 'people are told once')
})

test('reconcileStrongroom() orders a first certificate before there are members, unless they are to prove a name', async () => {
  const spec = {
    exposure: { host: 'vault.example' },
    tls: { server: { issuerRef: { name: 'le' } } },
  }
  for (const [solvers, asked] of [
    [[{ http01: {} }], ['le']],
    [[{ tlsAlpn01: {} }], []],
  ] as const) {
    await using it = await scene({ spec: spec as never })
    const metadata = { name: 'le', namespace: 'shop' }
    await it.kube.create(strongroomIssuers, issuer({ metadata, acme: { solvers: [...solvers] } }))
    await it.time.pass(1)
    const found: string[] = []
    const findIssuer = async (_: unknown, name: string) => {
      found.push(name)
      return { kind: 'unusable', reason: 'IssuerNotReady', message: 'not yet' } as const
    }
    await reconcileStrongroom('shop/vault', { ...it.means, findIssuer })
    assert.deepEqual(found, asked)
    const cluster = await it.kube.get<Strongroom>(strongrooms, { name: 'vault', namespace: 'shop' })
    const condition = cluster?.status?.conditions?.find(
      ({ type }) => type === 'PublicCertificateReady',
    )
    assert.equal(condition?.reason, asked.length === 0 ? 'AwaitingMembers' : 'IssuerNotReady')
  }
})

test('reconcileStrongroom() does nothing in the moment in which a CA works on a request, unless anybody wrote', async () => {
  const againAt = new Date(Date.UTC(2100, 0)).toISOString()
  const { authorizations: _, ...open } = openOrder('dns-01', 't')
  const order = { ...open, authorizations: [], finalized: true, againAt }
  await using it = await scene()
  await it.kube.applyStatus(strongrooms, strongroom({ status: { order } }))
  await it.time.pass(1)
  const seen = await it.kube.get<Strongroom>(strongrooms, { name: 'vault', namespace: 'shop' })
  it.means.ownWrites.note(seen ?? assert.fail())
  const clock = { now: () => Date.parse(againAt) - 1_500 }
  const before = it.kube.writes.length
  const means = { ...it.means, clock }
  assert.deepEqual(await reconcileStrongroom('shop/vault', means), again(1_500))
  assert.equal(it.kube.writes.length, before)
  const later = { ...means, clock: { now: () => Date.parse(againAt) } }
  await reconcileStrongroom('shop/vault', later)
  assert.ok(it.kube.writes.length > before)
  const others = { ...means, ownWrites: new OwnWrites() }
  assert.notDeepEqual(await reconcileStrongroom('shop/vault', others), again(1_500))
})

test('reconcileStrongroom() lets an order go whose issuer is declared no more, and forgets it', async () => {
  const status = { order: openOrder('dns-01', 't'), orderIssuer: 'le' }
  for (const server of [{ selfSigned: {} }, { issuerRef: { name: 'other' } }]) {
    await using it = await scene({ spec: { tls: { server } as never }, status })
    await it.kube.applyStatus(strongrooms, strongroom({ status }))
    await it.time.pass(1)
    const outcome = await reconcileStrongroom('shop/vault', it.means)
    assert.notEqual(outcome.kind, 'done')
    assert.ok(it.reported.includes('ChallengesLeft'), 'the issuer is gone')
    await it.time.pass(1)
    it.reported.splice(0)
    await reconcileStrongroom('shop/vault', it.means)
    assert.ok(!it.reported.includes('ChallengesLeft'), 'once')
  }
})

test('reconcileStrongroom() writes down at which issuer an order stands', async () => {
  const order = openOrder('dns-01', 't')
  const cluster = strongroom({ spec: { tls: { server: { issuerRef: { name: 'le' } } } } })
  const observed = (await strongroomWorld()).seen({ cluster })
  const planned = { ...plan(observed), ordering: { order, certificate: undefined } }
  const first = statusOf(observed, planned)
  assert.equal(first.orderIssuer, 'le')
  const later = {
    ...cluster,
    spec: { ...cluster.spec, tls: { server: { issuerRef: { name: 'x' } } } },
  }
  const moved = { ...observed, cluster: { ...later, status: first } }
  assert.equal(statusOf(moved, planned).orderIssuer, 'le')
  const over = { ...planned, ordering: { order: undefined, certificate: undefined } }
  assert.equal(statusOf(moved, over).orderIssuer, undefined)
})
