import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { Rights } from '#server/access/registration.ts'
import type { Registering } from '#server/system/certificates.ts'
import { hasCode } from '#shared/errors.ts'
import type { Certificate } from '#shared/pki/certificate.ts'
import { type Issued, type KeyPair, makeKeyPair } from '#shared/pki/issue.ts'
import { admin, anOperator, certificateStore } from '#test/support/certificate-store.ts'
import { authority, client, days } from '#test/support/certificates.ts'
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

function refuses(code: string): (error: unknown) => boolean {
  return (error) => hasCode(error, code)
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

test('Certificates.register() makes a certificate known at once', async () => {
  const store = certificateStore()
  assert.equal(seen(store, shop), 'unknown')
  await store.certificates.register(admin, registering(shop))
  const { name, clearance, permissions, disabled } = registrationOf(store, shop)
  assert.deepEqual(
    { name, clearance, permissions, disabled },
    { name: 'shop', ...reader, disabled: false },
  )
})

test('Certificates.register() again changes name and rights, and leaves disabled what is disabled', async () => {
  const store = certificateStore()
  const { certificates } = store
  await certificates.register(admin, registering(shop))
  await certificates.edit(admin, {
    thumbprint: shop.thumbprint,
    name: 'shop',
    rights: reader,
    disabled: true,
  })
  await certificates.register(admin, { ...registering(shop), name: 'new', rights: operatorRights })
  const { name, clearance, disabled } = registrationOf(store, shop)
  assert.deepEqual([name, clearance, disabled], ['new', 'Operator', true])
})

test('Certificates.register() keeps the issuer that came along, or that the server knows', async () => {
  const alone = certificateStore()
  await alone.certificates.register(admin, registering(shop))
  assert.equal(registrationOf(alone, shop).issuer, undefined)
  const along = certificateStore()
  await along.certificates.register(admin, registering(shop, ca.certificate))
  assert.deepEqual(registrationOf(along, shop).issuer, ca.certificate.der)
  assert.equal(seen(along, ca.certificate), 'unknown')
  const known = certificateStore({ knownIssuers: () => [ca.certificate] })
  await known.certificates.register(admin, registering(shop))
  assert.deepEqual(registrationOf(known, shop).issuer, ca.certificate.der)
})

test('Certificates.register() takes a file of several as one entry, each known by itself', async () => {
  const store = certificateStore()
  const { certificates } = store
  await certificates.register(admin, registering(shop, other))
  assert.equal(certificates.list().length, 1)
  for (const one of [shop, other]) {
    assert.equal(registrationOf(store, one).name, 'shop')
    const entry = certificates.find(one.thumbprint.toLowerCase())
    assert.equal(entry?.record.thumbprint, shop.thumbprint)
    assert.deepEqual(entry?.secondaryThumbprints, [other.thumbprint])
  }
  await certificates.remove(admin, other.thumbprint)
  assert.deepEqual([seen(store, shop), seen(store, other)], ['deleted', 'deleted'])
})

test('Certificates.register() refuses the server’s own certificate, weak keys, and files without a caller', async () => {
  const { certificates } = certificateStore({ serverThumbprints: () => new Set([shop.thumbprint]) })
  await assert.rejects(
    certificates.register(admin, registering(shop)),
    refuses('CertificateIsServers'),
  )
  await assert.rejects(certificates.register(admin, registering()), refuses('CertificateNotGiven'))
  const publicKey = { asymmetricKeyDetails: { modulusLength: 1024 } }
  const weak = { ...other, publicKey } as unknown as Certificate
  await assert.rejects(
    certificates.register(admin, registering(weak)),
    refuses('CertificateKeyWeak'),
  )
})

test('Certificates lets an Operator manage users and Operators', async () => {
  const { certificates } = certificateStore()
  const { thumbprint } = shop
  await certificates.register(anOperator, registering(shop))
  await certificates.edit(anOperator, {
    thumbprint,
    name: 'a',
    rights: operatorRights,
    disabled: undefined,
  })
  await certificates.edit(anOperator, { thumbprint, name: 'a', rights: reader, disabled: true })
  await certificates.remove(anOperator, thumbprint)
  assert.deepEqual(certificates.list(), [])
})

test('Certificates lets no Operator give what he has not', async () => {
  const { certificates } = certificateStore()
  const { thumbprint } = shop
  await certificates.register(admin, registering(shop))
  for (const clearance of ['ClusterAdmin', 'ClusterNode'] as const) {
    const rights = { clearance, permissions: {} }
    const beyond = refuses('CertificateBeyondClearance')
    await assert.rejects(
      certificates.register(anOperator, { ...registering(other), rights }),
      beyond,
    )
    await assert.rejects(
      certificates.register(anOperator, { ...registering(shop), rights }),
      beyond,
    )
    await assert.rejects(
      certificates.edit(anOperator, { thumbprint, name: 'a', rights, disabled: undefined }),
      beyond,
    )
  }
})

test('Certificates lets no Operator touch an admin, his renewals, or another certificate of his key', async () => {
  for (const clearance of ['ClusterAdmin', 'ClusterNode'] as const) {
    const { certificates } = certificateStore()
    const { thumbprint } = shop
    await certificates.register(admin, {
      ...registering(shop),
      rights: { clearance, permissions: {} },
    })
    const beyond = refuses('CertificateBeyondClearance')
    await assert.rejects(certificates.register(anOperator, registering(shop)), beyond)
    await assert.rejects(certificates.register(anOperator, registering(successor)), beyond)
    await assert.rejects(certificates.register(anOperator, registering(other, shop)), beyond)
    await assert.rejects(
      certificates.edit(anOperator, { thumbprint, name: 'a', rights: reader, disabled: true }),
      beyond,
    )
    await assert.rejects(certificates.remove(anOperator, thumbprint), beyond)
    assert.equal(certificates.find(thumbprint)?.record.clearance, clearance)
  }
})

test('Certificates lets nobody delete or disable the certificate he uses, or a sibling of it', async () => {
  const store = certificateStore()
  const { certificates } = store
  await certificates.register(admin, { ...registering(shop, ca.certificate), rights: adminRights })
  await comes(store, successor)
  for (const used of [shop, successor]) {
    const actor = { ...admin, thumbprint: used.thumbprint }
    const { thumbprint } = shop
    const inUse = refuses('CertificateInUse')
    await assert.rejects(certificates.remove(actor, thumbprint), inUse)
    await assert.rejects(
      certificates.edit(actor, { thumbprint, name: 'a', rights: adminRights, disabled: true }),
      inUse,
    )
  }
})

test('Certificates lets the last administrator lose nothing, unless the configuration names one', async () => {
  const lower = { thumbprint: shop.thumbprint, name: 'a', rights: reader, disabled: undefined }
  const { certificates } = certificateStore({ hasConfiguredAdmin: () => false })
  await certificates.register(admin, registering(other))
  await certificates.register(admin, { ...registering(shop), rights: adminRights })
  const last = refuses('LastAdministrator')
  await assert.rejects(certificates.edit(admin, lower), last)
  await assert.rejects(certificates.register(admin, registering(shop)), last)
  await assert.rejects(certificates.remove(admin, shop.thumbprint), last)
  await certificates.register(admin, { ...registering(other), rights: adminRights })
  await certificates.edit(admin, lower)
  const configured = certificateStore({ hasConfiguredAdmin: () => true })
  await configured.certificates.register(admin, { ...registering(shop), rights: adminRights })
  await configured.certificates.edit(admin, lower)
})

test('Certificates computes two changes one after the other', async () => {
  const { certificates } = certificateStore({ hasConfiguredAdmin: () => false })
  for (const one of [shop, other]) {
    await certificates.register(admin, { ...registering(one), rights: adminRights })
  }
  const lower = ({ thumbprint }: Certificate) =>
    certificates.edit(admin, { thumbprint, name: 'a', rights: reader, disabled: undefined })
  const outcomes = await Promise.allSettled([lower(shop), lower(other)])
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected'],
  )
})

test('Certificates.edit() and remove() refuse what is not registered', async () => {
  const { certificates, store } = certificateStore()
  const edit = { thumbprint: 'AABBCC', name: 'a', rights: reader, disabled: undefined }
  await assert.rejects(certificates.edit(admin, edit), refuses('CertificateNotFound'))
  await assert.rejects(certificates.remove(admin, 'AABBCC'), refuses('CertificateToDeleteNotFound'))
  assert.equal(store.index, 0)
})

test('Certificates.edit() that does not name it leaves disabled what is disabled', async () => {
  const store = certificateStore()
  const edit = { thumbprint: shop.thumbprint, name: 'shop', rights: reader }
  await store.certificates.register(admin, registering(shop))
  await store.certificates.edit(admin, { ...edit, disabled: true })
  await store.certificates.edit(admin, { ...edit, name: 'x', disabled: undefined })
  assert.equal(registrationOf(store, shop).disabled, true)
  await store.certificates.edit(admin, { ...edit, disabled: false })
  assert.equal(registrationOf(store, shop).disabled, false)
})

test('Certificates does a repeated request once, also where both come at the same time', async () => {
  const { certificates, events } = certificateStore()
  const request = { id: 'one', wish: ['register', 'shop'] }
  const twice = [1, 2].map(() => certificates.register(admin, registering(shop), request))
  assert.deepEqual(await Promise.all(twice), [true, false])
  assert.equal(events.length, 1)
  assert.equal(await certificates.register(admin, registering(shop)), true)
})

test('Certificates remembers no request that was refused', async () => {
  const { certificates } = certificateStore()
  const request = { id: 'one', wish: ['register', 'shop'] }
  const beyond = { ...registering(shop), rights: adminRights }
  const refused = certificates.register(anOperator, beyond, request)
  await assert.rejects(refused, refuses('CertificateBeyondClearance'))
  assert.equal(await certificates.register(admin, beyond, request), true)
})

test('Certificates tells the audit log of every change, with who made it', async () => {
  const store = certificateStore()
  const { certificates, events } = store
  const audit = { name: 'boss', subject: 'CN=boss', thumbprint: 'B' }
  const actor = { ...admin, audit, address: '127.0.0.1' }
  await certificates.register(actor, registering(shop, ca.certificate))
  await certificates.edit(actor, {
    thumbprint: shop.thumbprint,
    name: 'a',
    rights: reader,
    disabled: undefined,
  })
  await comes(store, successor)
  await certificates.remove(actor, shop.thumbprint)
  const acts = events.map(({ act }) => act)
  assert.deepEqual(acts, [
    'certificate registered',
    'certificate edited',
    'certificate renewed',
    'certificate deleted',
  ])
  assert.deepEqual([events[0]?.actor, events[0]?.address], [audit, '127.0.0.1'])
  assert.deepEqual(events[0]?.facts, {
    name: 'shop',
    certificate: shop.thumbprint,
    clearance: 'ValidUser',
    permissions: 'orders:Read',
  })
})
