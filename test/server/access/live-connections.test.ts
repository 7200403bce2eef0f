import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { type Connection, LiveConnections } from '#server/access/live-connections.ts'
import type { Rights } from '#server/access/registration.ts'
import { farewellMs, rightsCheckMs } from '#server/limits.ts'
import type { Certificate } from '#shared/pki/certificate.ts'
import { type Issued, type KeyPair, makeKeyPair } from '#shared/pki/issue.ts'
import { admin, certificateStore } from '#test/support/certificate-store.ts'
import { authority, client, days } from '#test/support/certificates.ts'
import { fakeTime } from '#test/support/fake-timers.ts'
import { presented } from '#test/support/registrations.ts'

let ca: Issued
let keys: KeyPair
let shop: Certificate
let renewed: Certificate
let other: Certificate
before(async () => {
  ca = await authority()
  keys = await makeKeyPair('p-256')
  shop = (await client(ca, { keys })).certificate
  renewed = (await client(ca, { keys, validity: days(300) })).certificate
  other = (await client(ca, { commonName: 'other' })).certificate
})

const hour = 60 * 60 * 1000
const user: Rights = { clearance: 'ValidUser', permissions: { orders: 'ReadWrite', stock: 'Read' } }

/** Certificates, the connections of their callers, and the time, moved by hand. */
function scene() {
  const time = fakeTime()
  let jumpedMs = 0
  const clock = { now: () => time.now() + jumpedMs }
  const made: { live?: LiveConnections } = {}
  const store = certificateStore({
    clock,
    disconnect: (answering) => made.live?.closeNarrowed(answering) ?? 0,
  })
  const who = new Map<object, Certificate>()
  const { registry, events } = store
  const live = new LiveConnections({
    registry,
    presentedBy: (connection) => {
      const certificate = who.get(connection)
      return certificate && presented(certificate, [ca.certificate])
    },
    clock,
    timers: time,
    audit: (event) => events.push(event),
  })
  made.live = live
  const connect = (certificate: Certificate): Connection => {
    const connection = {
      destroyed: false,
      destroy: () => {
        connection.destroyed = true
      },
    }
    who.set(connection, certificate)
    live.add(connection)
    return connection
  }
  /** As the hook does. */
  const ask = async (certificate: Certificate): Promise<void> => {
    const here = presented(certificate, [ca.certificate])
    const found = registry.find(here, clock.now())
    if (found.kind === 'renewal') await store.certificates.renew(here, found.renewal)
    const now = registry.find(here, clock.now())
    if (now.kind !== 'renewal') live.identified(here, now)
  }
  const register = (certificate: Certificate, rights: Rights = user) =>
    store.certificates.register(admin, {
      name: 'shop',
      rights,
      certificates: [certificate, ca.certificate],
    })
  const edit = (rights: Rights, more: object = {}) =>
    store.certificates.edit(admin, { thumbprint: shop.thumbprint, name: 'shop', rights, ...more })
  /** The clock jumps, and the next look comes. */
  const jump = (ms: number): Promise<void> => {
    jumpedMs += ms
    return time.pass(rightsCheckMs)
  }
  return { ...store, clock, time, jump, live, connect, ask, register, edit }
}

type Scene = ReturnType<typeof scene>

const losses: Readonly<Record<string, (on: Scene) => Promise<unknown>>> = {
  deleted: ({ certificates }) => certificates.remove(admin, shop.thumbprint),
  disabled: ({ edit }) => edit(user, { disabled: true }),
  'taken a database from': ({ edit }) => edit({ ...user, permissions: { orders: 'ReadWrite' } }),
  'left less in a database': ({ edit }) =>
    edit({ ...user, permissions: { orders: 'Read', stock: 'Read' } }),
  'narrowed in time': ({ edit, clock }) => edit(user, { limits: { validUntil: clock.now() - 1 } }),
  'registered anew with less': ({ register }) => register(shop, { ...user, permissions: {} }),
}
for (const [what, lose] of Object.entries(losses))
  test(`200 connections of a certificate and its renewals are closed when it is ${what}, and no other`, async () => {
    const on = scene()
    await on.register(shop)
    await on.register(other)
    await on.ask(renewed)
    const mine = Array.from({ length: 200 }, (_, index) =>
      on.connect(index % 2 === 0 ? shop : renewed),
    )
    const others = on.connect(other)
    await lose(on)
    assert.equal(mine.filter(({ destroyed }) => destroyed).length, 200)
    assert.equal(others.destroyed, false)
    assert.equal(on.events.at(-1)?.facts.connectionsClosed, 200)
  })

const keeps: Readonly<Record<string, (on: Scene) => Promise<unknown>>> = {
  'gets a database more': ({ edit }) =>
    edit({ ...user, permissions: { ...user.permissions, more: 'Read' } }),
  'may more in one': ({ edit }) =>
    edit({ ...user, permissions: { ORDERS: 'Admin', stock: 'ReadWrite' } }),
  'becomes Operator': ({ edit }) => edit({ clearance: 'Operator', permissions: {} }),
  'is called otherwise': ({ edit }) => edit(user, { name: 'x' }),
  'is registered anew': ({ register }) => register(shop),
  'is renewed': ({ ask }) => ask(renewed),
}
for (const [what, change] of Object.entries(keeps))
  test(`no connection is closed when its certificate ${what}`, async () => {
    const on = scene()
    await on.register(shop)
    const connection = on.connect(shop)
    await change(on)
    await on.jump(hour)
    assert.equal(connection.destroyed, false)
  })

const ends: Readonly<Record<string, Partial<Rights> & { readonly limits?: object }>> = {
  'an access to a database': { permissionExpirations: { orders: Date.UTC(2026, 0, 1, 1) } },
  'a clearance': { clearance: 'Operator', clearanceExpiration: Date.UTC(2026, 0, 1, 1) },
  'a registration': { limits: { validUntil: Date.UTC(2026, 0, 1, 1) - 1 } },
}
for (const [what, { limits, ...rights }] of Object.entries(ends))
  test(`connections are closed at the instant that ${what} ends, and the audit log says how many`, async () => {
    const on = scene()
    await on.register(shop)
    await on.edit({ ...user, ...rights }, { limits })
    const [one, two] = [on.connect(shop), on.connect(shop)]
    await on.jump(hour - rightsCheckMs - 1)
    assert.deepEqual([one.destroyed, two.destroyed], [false, false])
    await on.jump(1)
    assert.deepEqual([one.destroyed, two.destroyed], [true, true])
    const { act, facts } = on.events.at(-1) ?? {}
    assert.deepEqual(
      [act, facts],
      ['rights ended', { certificate: shop.thumbprint, name: 'shop', connectionsClosed: 2 }],
    )
  })

test('connections are closed when the certificate itself expires, however far the clock jumps', async () => {
  const on = scene()
  await on.register(shop)
  const connection = on.connect(shop)
  await on.jump(shop.notAfter - on.clock.now() - rightsCheckMs)
  assert.equal(connection.destroyed, false)
  await on.jump(1)
  assert.equal(connection.destroyed, true)
})

test('a stranger’s connection is followed from when he is registered', async () => {
  const on = scene()
  const connection = on.connect(shop)
  await on.register(shop)
  assert.equal(connection.destroyed, false)
  await on.certificates.remove(admin, shop.thumbprint)
  assert.equal(connection.destroyed, true)
})

test('whoever loses his own rights by what he asks hears the answer first', async () => {
  const on = scene()
  await on.register(shop, { clearance: 'Operator', permissions: {} })
  const [asking, idle] = [on.connect(shop), on.connect(shop)]
  const { thumbprint } = shop
  const actor = { clearance: () => 'Operator' as const, thumbprint, connection: asking }
  await on.certificates.edit(actor, { thumbprint, name: 'shop', rights: user })
  assert.deepEqual([asking.destroyed, idle.destroyed], [false, true])
  assert.equal(on.events.at(-1)?.facts.connectionsClosed, 2)
  await on.time.pass(farewellMs)
  assert.equal(asking.destroyed, true)
})

test('LiveConnections holds on to no connection that has ended', async () => {
  const on = scene()
  await on.register(shop)
  const connection = on.connect(shop)
  assert.equal(on.live.count, 1)
  connection.destroy()
  await on.time.pass(rightsCheckMs)
  assert.equal(on.live.count, 0)
  on.live[Symbol.dispose]()
  assert.equal(on.time.waiting, 0)
})
