/** What becomes of a certificate, becomes of its family. */
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { Rights } from '#server/access/registration.ts'
import { renewalsPerKeyMax } from '#server/limits.ts'
import type { Registering } from '#server/system/certificates.ts'
import type { Certificate } from '#shared/pki/certificate.ts'
import { type Issued, type KeyPair, makeKeyPair } from '#shared/pki/issue.ts'
import { admin, certificateStore } from '#test/support/certificate-store.ts'
import { authority, client, days, year2026 } from '#test/support/certificates.ts'
import { presented } from '#test/support/registrations.ts'

let ca: Issued
let keys: KeyPair
let shop: Certificate
let successor: Certificate
let other: Certificate

before(async () => {
  ca = await authority()
  keys = await makeKeyPair('p-256')
  shop = (await client(ca, { keys })).certificate
  successor = (await client(ca, { keys, validity: days(300) })).certificate
  other = (await client(ca, { commonName: 'other' })).certificate
})

const reader: Rights = { clearance: 'ValidUser', permissions: { orders: 'Read' } }
const operatorRights: Rights = { clearance: 'Operator', permissions: {} }
const adminRights: Rights = { clearance: 'ClusterAdmin', permissions: {} }

function registering(...certificates: Certificate[]): Registering {
  return { name: 'shop', rights: reader, certificates }
}

type Store = ReturnType<typeof certificateStore>

/** How the registry answers now. */
function seen({ registry, clock }: Store, certificate: Certificate) {
  const found = registry.find(presented(certificate, [ca.certificate]), clock.now())
  if (found.kind === 'registered') return found.registration
  return found.kind === 'unknown' ? (found.renewal ?? 'unknown') : found.kind
}

/** As the hook does. */
async function comes(
  { registry, certificates, clock }: Store,
  certificate: Certificate,
): Promise<void> {
  const found = registry.find(presented(certificate, [ca.certificate]), clock.now())
  if (found.kind === 'renewal') await certificates.renew(presented(certificate), found.renewal)
}

function registrationOf(store: Store, certificate: Certificate) {
  const found = seen(store, certificate)
  assert.ok(typeof found === 'object', `not registered but ${found}`)
  return found
}

test('Certificates.renew() writes an entry of its own with all that its predecessor has', async () => {
  const store = certificateStore()
  await store.certificates.register(admin, registering(shop, ca.certificate))
  assert.equal(seen(store, successor), 'renewal')
  await comes(store, successor)
  const { name, clearance, permissions, renewedFrom, notAfter, issuer } = registrationOf(
    store,
    successor,
  )
  assert.deepEqual({ name, clearance, permissions }, { name: 'shop', ...reader })
  assert.deepEqual([renewedFrom, notAfter], [shop.thumbprint, successor.notAfter])
  assert.deepEqual(issuer, ca.certificate.der)
  assert.equal(store.certificates.list().length, 2)
  assert.equal(registrationOf(store, shop).thumbprint, shop.thumbprint)
})

test('Certificates.renew() twice at once writes one entry', async () => {
  const store = certificateStore()
  await store.certificates.register(admin, registering(shop, ca.certificate))
  await Promise.all([comes(store, successor), comes(store, successor)])
  assert.equal(store.certificates.list().length, 2)
  assert.equal(store.events.filter(({ act }) => act === 'certificate renewed').length, 1)
})

test('Certificates.renew() writes nothing where the predecessor has gone or was disabled meanwhile', async () => {
  for (const act of ['remove', 'disable'] as const) {
    const store = certificateStore()
    const { certificates, registry, clock } = store
    await certificates.register(admin, registering(shop, ca.certificate))
    const found = registry.find(presented(successor), clock.now())
    assert.ok(found.kind === 'renewal')
    const { thumbprint } = shop
    if (act === 'remove') await certificates.remove(admin, thumbprint)
    else await certificates.edit(admin, { thumbprint, name: 'a', rights: reader, disabled: true })
    await certificates.renew(presented(successor), found.renewal)
    assert.equal(certificates.find(successor.thumbprint), undefined)
  }
})

test('Certificates.edit() and remove() of one concern all its renewals', async () => {
  for (const named of [shop, successor]) {
    const store = certificateStore()
    const { certificates } = store
    const { thumbprint } = named
    await certificates.register(admin, registering(shop, ca.certificate))
    await comes(store, successor)
    const none = { clearance: 'ValidUser', permissions: {} } as const
    await certificates.edit(admin, { thumbprint, name: 'a', rights: none, disabled: true })
    for (const one of [shop, successor]) {
      assert.deepEqual(registrationOf(store, one).permissions, {})
      assert.equal(registrationOf(store, one).disabled, true)
    }
    await certificates.remove(admin, thumbprint)
    assert.deepEqual([seen(store, shop), seen(store, successor)], ['deleted', 'deleted'])
  }
})

test('Certificates.register() of a renewed one gives its siblings the same rights', async () => {
  const store = certificateStore()
  await store.certificates.register(admin, registering(shop, ca.certificate))
  await comes(store, successor)
  await store.certificates.register(admin, { ...registering(shop), rights: operatorRights })
  assert.equal(registrationOf(store, successor).clearance, 'Operator')
})

test('Certificates.remove() bars the key until a certificate of it is registered anew', async () => {
  const store = certificateStore()
  const { certificates } = store
  await certificates.register(admin, registering(shop, ca.certificate))
  await certificates.remove(admin, shop.thumbprint)
  await comes(store, successor)
  assert.deepEqual([seen(store, shop), seen(store, successor)], ['deleted', 'deleted'])
  await certificates.register(admin, registering(shop, ca.certificate))
  assert.equal(seen(store, successor), 'renewal')
})

test('Certificates.renew() drops renewals that have expired, and keeps the one that was registered', async () => {
  const store = certificateStore()
  const short = (await client(ca, { keys, validity: days(3) })).certificate
  await store.certificates.register(admin, registering(shop, ca.certificate))
  await comes(store, short)
  assert.equal(store.certificates.list().length, 2)
  store.clock.time = year2026 + 10 * 24 * 60 * 60 * 1000
  await comes(store, successor)
  const left = store.certificates.list().map(({ record }) => record.thumbprint)
  assert.deepEqual(left.toSorted(), [shop.thumbprint, successor.thumbprint].toSorted())
})

test('Certificates asks in the turn of a change whether its actor still may', async () => {
  const store = certificateStore()
  const { certificates } = store
  await certificates.register(admin, registering(other))
  let mayStill = true
  const actor = {
    clearance: () => {
      if (mayStill) return 'ClusterAdmin' as const
      throw new Error('his rights have gone')
    },
  }
  const edit = { thumbprint: other.thumbprint, name: 'x', rights: adminRights, disabled: undefined }
  const request = { id: 'one', wish: ['edit'] }
  const first = certificates.edit(actor, edit, request)
  const waiting = [
    certificates.register(actor, registering(shop)),
    certificates.edit(actor, edit, request),
    certificates.remove(actor, other.thumbprint),
  ]
  await first
  mayStill = false
  for (const change of waiting) await assert.rejects(change, /his rights have gone/)
  assert.deepEqual(
    certificates.list().map(({ record }) => record.name),
    ['x'],
  )
})

test('Certificates closes connections before whoever asked hears of the change, and says how many', async () => {
  const answering = {}
  const asked: unknown[] = []
  const store = certificateStore({
    disconnect: (one) => {
      asked.push(one)
      return 7
    },
  })
  const { certificates, events } = store
  const actor = { ...admin, connection: answering }
  await certificates.register(actor, registering(shop))
  const { thumbprint } = shop
  await certificates.register(actor, registering(shop))
  await certificates.edit(actor, { thumbprint, name: 'a', rights: reader })
  await certificates.remove(actor, thumbprint)
  assert.deepEqual(asked, [answering, answering, answering, answering])
  assert.deepEqual(
    events.map(({ facts }) => facts.connectionsClosed),
    [undefined, 7, 7, 7],
  )
})

test('Certificates.register() of a renewed one as a further one of a file takes its renewals along', async () => {
  const store = certificateStore()
  const { certificates } = store
  await certificates.register(admin, registering(shop, ca.certificate))
  await comes(store, successor)
  await certificates.register(admin, { ...registering(other, shop), name: 'both' })
  const { thumbprint } = other
  const edit = { thumbprint, name: 'both', rights: operatorRights, disabled: true }
  await certificates.edit(admin, edit)
  const { clearance, disabled } = registrationOf(store, successor)
  assert.deepEqual([clearance, disabled], ['Operator', true])
  await certificates.remove(admin, thumbprint)
  for (const one of [shop, successor]) assert.equal(seen(store, one), 'deleted')
})

test('Certificates.renew() keeps so many renewals of a key, and lets the others in no more', async () => {
  const store = certificateStore()
  await store.certificates.register(admin, registering(shop, ca.certificate))
  const made = Array.from({ length: renewalsPerKeyMax + 1 }, () => client(ca, { keys }))
  const renewals = (await Promise.all(made)).map(({ certificate }) => certificate)
  await Promise.all(renewals.map((one) => comes(store, one)))
  assert.equal(store.certificates.list().length, 1 + renewalsPerKeyMax)
  const left = renewals.filter((one) => seen(store, one) === 'many')
  assert.equal(left.length, 1)
})
