import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import {
  applied,
  type CertificateChange,
  edition,
  type NewRegistrations,
  registrations,
  removals,
  succession,
} from '#server/system/certificate-changes.ts'
import {
  type CertificateRecord,
  certificateTable,
  deletedKey,
} from '#server/system/certificate-records.ts'
import type { Certificate } from '#shared/pki/certificate.ts'
import { type Issued, type KeyPair, makeKeyPair } from '#shared/pki/issue.ts'
import { authority, client, days, year2026 } from '#test/support/certificates.ts'

const day = 24 * 60 * 60 * 1000
const rights = { clearance: 'Operator', permissions: {} } as const
let ca: Issued
let keys: KeyPair
let shop: Certificate
let successor: Certificate
let other: Certificate
before(async () => {
  ca = await authority()
  keys = await makeKeyPair('p-256')
  shop = (await client(ca, { keys, validity: days(30) })).certificate
  successor = (await client(ca, { keys, validity: days(3000) })).certificate
  other = (await client(ca, { commonName: 'other' })).certificate
})

function recordsIn(changes: readonly CertificateChange[]): CertificateRecord[] {
  return changes.flatMap(({ record }) => (record?.kind === 'registered' ? [record] : []))
}

function registered(wanted: Partial<NewRegistrations> = {}): CertificateRecord[] {
  const members = wanted.members ?? [shop]
  const made = { name: 'shop', rights, members, issuers: [], touched: [], now: year2026 }
  return recordsIn(registrations({ ...made, ...wanted }))
}

function one(records: readonly CertificateRecord[], certificate: Certificate): CertificateRecord {
  const found = records.find(({ thumbprint }) => thumbprint === certificate.thumbprint)
  assert.ok(found !== undefined)
  return found
}

function renewed(family: readonly CertificateRecord[], now = year2026): CertificateRecord {
  const from = one(family, shop)
  const changes = succession({ from, certificate: successor, issuer: ca.certificate, family, now })
  return one(recordsIn(changes), successor)
}

test('registrations() makes records that the table takes, with the issuer that signed them, and lifts the bar', () => {
  const issuers = [shop, ca.certificate]
  const wanted = { name: 'shop', rights, members: [shop], issuers, touched: [], now: 7 }
  const [made, lifted] = registrations(wanted)
  assert.ok(made?.record?.kind === 'registered' && certificateTable.encode(made.record).length > 0)
  const { disabled, root, registeredAt, issuer } = made.record
  assert.deepEqual([disabled, root, registeredAt], [false, shop.thumbprint, 7])
  assert.equal(issuer, ca.certificate.der.toString('base64'))
  assert.deepEqual(lifted, { table: certificateTable, key: deletedKey(shop.pin) })
  assert.equal(registered({ touched: [made.record] })[0]?.issuer, issuer)
})

test('registrations() takes the families of its members in, renewals and all', () => {
  const family = registered()
  const touched = [...family, renewed(family)]
  const reader = { clearance: 'ValidUser', permissions: { orders: 'Read' } } as const
  const made = registered({ members: [other, shop], touched, rights: reader })
  assert.deepEqual(
    made.map(({ root, clearance }) => [root, clearance]),
    made.map(() => [other.thumbprint, 'ValidUser']),
  )
  assert.equal(made.length, 3)
  assert.deepEqual([one(made, shop).secondary, one(made, successor).secondary], [true, false])
})

test('registrations() enables nothing unless it is asked to, and disables a family as a whole', () => {
  const family = registered({ disabled: true })
  const touched = [...family, renewed(family)]
  const states = (wanted: Partial<NewRegistrations>) =>
    registered({ members: [other, shop], touched, ...wanted }).map(({ disabled }) => disabled)
  assert.deepEqual(states({}), [true, true, true])
  assert.deepEqual(states({ disabled: false }), [false, false, false])
})

test('registrations() keeps the narrowest dates of those that join, unless it names others', () => {
  const touched = [
    ...registered({ limits: { validUntil: year2026 + 9 * day } }),
    ...registered({ members: [other], limits: { validUntil: year2026 + 5 * day } }),
  ]
  const joined = (wanted: Partial<NewRegistrations>) =>
    registered({ members: [shop, other], touched, ...wanted }).map(({ notAfter }) => notAfter)
  assert.deepEqual(joined({}), [year2026 + 5 * day, year2026 + 5 * day])
  const limits = { validUntil: year2026 + 90 * day }
  assert.deepEqual(joined({ limits }), [shop.notAfter, year2026 + 90 * day])
})

test('edition() replaces rights whole: an end that is not named again is none', () => {
  const ending = { ...rights, clearanceExpiration: year2026 + day }
  const family = registered({ rights: ending })
  assert.equal(family[0]?.clearanceExpiration, year2026 + day)
  const edited = recordsIn(edition({ family, named: shop.thumbprint, name: 'x', rights }))
  assert.deepEqual([edited[0]?.clearanceExpiration, edited[0]?.name], [undefined, 'x'])
})

test('edition() leaves dates that are not named, or named as they are shown', () => {
  const limits = { validUntil: year2026 + day }
  const family = registered({ limits })
  const edit = { family, named: shop.thumbprint, name: 'shop', rights }
  for (const same of [undefined, {}, limits, { validFrom: shop.notBefore }]) {
    const edited = one(recordsIn(edition({ ...edit, limits: same })), shop)
    assert.deepEqual([edited.validFrom, edited.notAfter], [undefined, year2026 + day])
  }
  const longer = { validUntil: shop.notAfter }
  assert.equal(one(recordsIn(edition({ ...edit, limits: longer })), shop).notAfter, shop.notAfter)
})

test('edition() narrows the renewals with the one that is named', () => {
  const family = registered()
  const all = [...family, renewed(family)]
  const limits = { validFrom: year2026, validUntil: year2026 + day }
  for (const named of [shop, successor]) {
    const edit = { family: all, named: named.thumbprint, name: 'shop', rights, limits }
    for (const { notBefore, notAfter } of recordsIn(edition(edit)))
      assert.deepEqual([notBefore, notAfter], [year2026, year2026 + day])
  }
})

test('edition() disables a certificate that was registered before certificates were read strictly', () => {
  const [made] = registered()
  assert.ok(made !== undefined)
  const unreadable = { ...made, certificate: Buffer.from('no certificate').toString('base64') }
  const edit = { family: [unreadable], named: shop.thumbprint, name: 'shop', rights }
  const [edited] = recordsIn(edition({ ...edit, disabled: true }))
  assert.deepEqual([edited?.disabled, edited?.notAfter], [true, shop.notAfter])
})

test('removals() bars each key once', () => {
  const family = registered()
  const changes = removals([...family, renewed(family)], 7)
  const keys = [shop.thumbprint, successor.thumbprint, deletedKey(shop.pin)]
  assert.deepEqual(
    changes.map(({ key }) => key),
    keys,
  )
  assert.deepEqual(changes.at(-1)?.record, { kind: 'deleted', pin: shop.pin, deletedAt: 7 })
})

test('succession() inherits everything but what the certificate says itself, and drops what has expired', () => {
  const [from] = registered()
  assert.ok(from !== undefined)
  const outlived = { ...from, thumbprint: 'O', renewedFrom: shop.thumbprint, notAfter: 1 }
  const order = { from, certificate: successor, issuer: ca.certificate, now: year2026 }
  const [made, dropped] = succession({ ...order, family: [from, outlived] })
  assert.ok(made?.record?.kind === 'registered' && certificateTable.encode(made.record).length > 0)
  const { name, clearance, root, renewedFrom, thumbprint } = made.record
  assert.deepEqual(
    [name, clearance, root, renewedFrom],
    ['shop', 'Operator', shop.thumbprint, shop.thumbprint],
  )
  assert.deepEqual([thumbprint, made.version], [successor.thumbprint, 0])
  assert.deepEqual(dropped, { table: certificateTable, key: 'O' })
})

test('a renewal counts no longer than what somebody registered was made for, nor than he said', () => {
  const lifetime = shop.notAfter - shop.notBefore
  assert.equal(renewed(registered()).notAfter, year2026 + lifetime)
  const narrowed = registered({ limits: { validUntil: year2026 + day } })
  assert.equal(renewed(narrowed).notAfter, year2026 + day)
  const asLong = registered({ members: [successor] })
  const [from] = asLong
  assert.ok(from !== undefined)
  const again = { from, certificate: shop, issuer: ca.certificate, family: asLong, now: year2026 }
  assert.equal(one(recordsIn(succession(again)), shop).notAfter, shop.notAfter)
})

test('applied() is what the records will be', () => {
  const before = [...registered(), ...registered({ members: [other] })]
  const [edited] = edition({ family: before.slice(0, 1), named: 'x', name: 'new', rights })
  assert.ok(edited !== undefined)
  const changes = [edited, { table: certificateTable, key: other.thumbprint }, ...removals([], 1)]
  assert.deepEqual(
    applied(before, changes).map(({ thumbprint, name }) => [thumbprint, name]),
    [[shop.thumbprint, 'new']],
  )
})
