import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { Registry } from '#server/access/registry.ts'
import { nobodyWellKnown } from '#server/access/well-known.ts'
import { type Certificate, verifyIssuedBy } from '#shared/pki/certificate.ts'
import { type Issued, type KeyPair, makeKeyPair } from '#shared/pki/issue.ts'
import { authority, client, days, year2026 } from '#test/support/certificates.ts'
import {
  presented,
  type RegistryWanted,
  registration,
  registry,
} from '#test/support/registrations.ts'

let ca: Issued
let keys: KeyPair
let shop: Certificate
let successor: Certificate

before(async () => {
  ca = await authority()
  keys = await makeKeyPair('p-256')
  shop = (await client(ca, { keys })).certificate
  successor = (await client(ca, { keys, validity: days(500) })).certificate
})

function find(wanted: RegistryWanted, certificate = shop, now = year2026) {
  return registry(wanted).find(presented(certificate), now)
}

test('Registry.find() knows a registered thumbprint and nothing else', () => {
  const found = find({ registrations: [registration(shop)] })
  assert.ok(found.kind === 'registered' && found.how === 'thumbprint')
  assert.equal(found.registration.thumbprint, shop.thumbprint)
  assert.equal(find({}).kind, 'unknown')
  assert.equal(find({ registrations: [registration(ca.certificate)] }).kind, 'unknown')
})

test('Registry.find() takes no other certificate of the same SHA-1', () => {
  const collided = registration(shop, { certificate: ca.certificate.der, pin: ca.certificate.pin })
  assert.equal(find({ registrations: [collided] }).kind, 'unknown')
})

test('Registry.find() answers from what replace() gave it last', () => {
  const asked = registry({ registrations: [registration(shop)] })
  asked.replace({ registrations: [], deletedPins: new Set() })
  assert.equal(asked.find(presented(shop), year2026).kind, 'unknown')
})

test('Registry.find() offers a renewal to be recorded, and afterwards knows it as one', () => {
  const issuer = ca.certificate.der
  const old = registration(shop, { issuer })
  assert.equal(find({ registrations: [old] }, successor).kind, 'renewal')
  const recorded = registration(successor, { root: shop.thumbprint, renewedFrom: shop.thumbprint })
  const found = find({ registrations: [old, recorded] }, successor)
  assert.ok(found.kind === 'registered' && found.how === 'renewal')
})

test('Registry.find() keeps a deleted key out, under its old and under a new certificate', () => {
  const wanted = { deletedPins: [shop.pin] }
  for (const certificate of [shop, successor]) {
    const found = find(wanted, certificate)
    assert.ok(found.kind === 'unknown' && found.renewal === 'deleted')
  }
})

test('Registry.find() lets in a deleted key’s certificate that was registered beside', () => {
  const found = find({ deletedPins: [shop.pin], registrations: [registration(shop)] })
  assert.equal(found.kind, 'registered')
})

test('Registry.find() makes well-known certificates admins by all their bytes, whatever their SHA-1 is', () => {
  const named = (certificates: ReadonlyMap<string, Certificate>) =>
    find({ wellKnown: { certificates }, registrations: [registration(shop, { disabled: true })] })
  const found = named(new Map([[shop.sha256, shop]]))
  assert.ok(found.kind === 'registered' && found.how === 'well-known')
  assert.equal(found.registration.clearance, 'ClusterAdmin')
  // One that only shares its thumbprint.
  const twin = named(new Map([['0'.repeat(64), shop]]))
  assert.ok(twin.kind === 'registered' && twin.how === 'thumbprint')
})

test('Registry.find() makes well-known thumbprints admins, whatever the store says', () => {
  const wellKnown = { thumbprints: new Set([shop.thumbprint]) }
  const found = find({
    wellKnown,
    registrations: [registration(shop, { disabled: true })],
    deletedPins: [shop.pin],
  })
  assert.ok(found.kind === 'registered' && found.how === 'well-known')
  assert.equal(found.registration.clearance, 'ClusterAdmin')
  assert.equal(found.registration.disabled, false)
})

test('Registry.find() makes admins of those whom a well-known issuer signed, and of nobody it did not', async () => {
  const wellKnown = { issuers: [ca.certificate] }
  const found = find({ wellKnown })
  assert.ok(found.kind === 'registered' && found.how === 'well-known')
  assert.equal(found.registration.clearance, 'ClusterAdmin')
  const impostor = await client(await authority('Test CA'))
  assert.equal(find({ wellKnown }, impostor.certificate).kind, 'unknown')
})

test('Registry.find() lets an expired well-known issuer vouch for nobody', () => {
  const wellKnown = { issuers: [ca.certificate] }
  assert.equal(find({ wellKnown }, shop, ca.certificate.notAfter + 1).kind, 'unknown')
})

test('Registry.find() prefers a registration and a deletion to a well-known issuer', () => {
  const wellKnown = { issuers: [ca.certificate] }
  const found = find({ wellKnown, registrations: [registration(shop)] })
  assert.ok(found.kind === 'registered' && found.how === 'thumbprint')
  assert.equal(find({ wellKnown, deletedPins: [shop.pin] }).kind, 'unknown')
})

test('Registry.find() lets the server’s own certificate in only where that is configured', () => {
  assert.equal(find({}).kind, 'unknown')
  const found = find({ serverThumbprints: [shop.thumbprint] })
  assert.ok(found.kind === 'registered' && found.how === 'server')
  assert.equal(found.registration.clearance, 'ClusterNode')
})

test('Registry.find() lets in what a well-known issuer signed though its key is registered under another', async () => {
  const now = await authority('Issuer of now')
  const { certificate } = await client(now, { keys })
  const registrations = [registration(shop, { issuer: ca.certificate.der })]
  const refused = find({ registrations }, certificate)
  assert.ok(refused.kind === 'unknown' && refused.renewal === 'issuer')
  const wellKnown = { issuers: [now.certificate] }
  const found = find({ registrations, wellKnown }, certificate)
  assert.ok(found.kind === 'registered' && found.how === 'well-known')
  for (const barred of [
    { registrations: [registration(shop, { disabled: true })] },
    { deletedPins: [shop.pin] },
  ])
    assert.equal(find({ ...barred, wellKnown }, certificate).kind, 'unknown')
})

test('Registry.find() verifies as much for one renewal as for the most that are kept among 10,000 records', async () => {
  const verifications = (count: number, others: number): number => {
    let verified = 0
    const counting = new Registry({
      wellKnown: () => nobodyWellKnown,
      serverThumbprints: () => new Set(),
      verify: (certificate, issuer) => {
        verified += 1
        return verifyIssuedBy(certificate, issuer)
      },
    })
    const issuer = ca.certificate.der
    const family = { root: shop.thumbprint, issuer, renewedFrom: shop.thumbprint }
    const renewals = Array.from({ length: count }, (_, index) =>
      registration(shop, { ...family, thumbprint: `R${index}` }),
    )
    const strangers = Array.from({ length: others }, (_, index) =>
      registration(shop, { thumbprint: `S${index}`, pin: `p${index}` }),
    )
    const registrations = [registration(shop, { issuer }), ...renewals, ...strangers]
    counting.replace({ registrations, deletedPins: new Set() })
    counting.find(presented(successor, [ca.certificate]), year2026)
    return verified
  }
  assert.deepEqual([verifications(0, 0), verifications(32, 10_000)], [1, 1])
})
