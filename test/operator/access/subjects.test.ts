import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  certificateOf,
  declaredFor,
  mayConcern,
  mayShareRecord,
  ownersOf,
  permissionsAbout,
  withRenewals,
} from '#operator/access/subjects.ts'
import type { StrongroomPermissionSpec } from '#operator/api/permission.ts'
import { annotation } from '#operator/kube/labels.ts'
import { certificate, permission } from '#test/support/resources.ts'

const thumbprint = 'A'.repeat(40)
const renewal = 'B'.repeat(40)
const stranger = 'C'.repeat(40)
const pin = `${'p'.repeat(43)}=`
const records = [
  { thumbprint, publicKeyPin: pin },
  { thumbprint: renewal, publicKeyPin: pin },
  { thumbprint: stranger, publicKeyPin: 'another' },
]
const [own, renewed, foreign] = records as [
  (typeof records)[0],
  (typeof records)[0],
  (typeof records)[0],
]
const shop = certificate({ metadata: { annotations: { [annotation.registered]: thumbprint } } })

function by(name: string, subject: StrongroomPermissionSpec['subject'], annotations = {}) {
  return permission({ metadata: { name, annotations }, spec: { subject } })
}

type Named = ReturnType<typeof by>

/** Every way to name the certificate of `shop`. */
const all = [
  by('reference', { certificateRef: { name: 'shop' } }),
  by('secret', { secretRef: { name: 'shop-tls' } }),
  by('thumbprint', { thumbprint }),
  by('pin', { publicKeyPin: pin }),
  by('theirs', { secretRef: { name: 'theirs' } }, { [annotation.registered]: thumbprint }),
]
const others = [
  by('other', { certificateRef: { name: 'other' } }),
  by('elsewhere', { thumbprint: stranger }),
]
const declared = { permissions: [...all, ...others], certificates: [shop] }
const namesOf = (permissions: readonly ReturnType<typeof permission>[]): string[] =>
  permissions.map(({ metadata }) => metadata.name)

describe('permissionsAbout()', () => {
  test('unites every way to name a certificate, and its renewals', () => {
    assert.deepEqual(namesOf(permissionsAbout(own, declared, { records })), namesOf(all))
    assert.deepEqual(namesOf(permissionsAbout(renewed, declared, { records })), namesOf(all))
    assert.deepEqual(namesOf(permissionsAbout(foreign, declared, { records })), ['elsewhere'])
  })

  test('knows the owner of what no status names yet', () => {
    const fresh = { permissions: all, certificates: [] }
    const found = permissionsAbout(own, fresh, { records, owners: [certificate()] })
    assert.deepEqual(namesOf(found), namesOf(all))
  })
})

test('ownersOf() finds the StrongroomCertificate by what it registered, and by renewals of that', () => {
  for (const record of [own, renewed]) assert.deepEqual(ownersOf(record, declared, records), [shop])
  assert.deepEqual(ownersOf(foreign, declared, records), [])
})

test('certificateOf() takes the Secret of a StrongroomCertificate for that certificate', () => {
  const [reference, secret, byThumbprint] = all as [Named, Named, Named]
  assert.equal(certificateOf(reference, [shop]), shop)
  assert.equal(certificateOf(secret, [shop]), shop)
  assert.equal(certificateOf(byThumbprint, [shop]), undefined)
  const unissued = certificate()
  assert.equal(certificateOf(secret, [unissued]), undefined, 'it may never get that Secret')
  const elsewhere = certificate({ ...shop, spec: { ...shop.spec, clusterRef: { name: 'other' } } })
  assert.equal(certificateOf(secret, [elsewhere]), undefined, 'here it is a certificate like any')
})

test('withRenewals() adds the records of the same key', () => {
  const found = withRenewals(records, (record) => record === renewed)
  assert.deepEqual(found, [own, renewed])
})

test('declaredFor() leaves out what belongs to another cluster', () => {
  const elsewhere = { clusterRef: { name: 'other' } }
  const mixed = {
    permissions: [permission(), permission({ spec: elsewhere })],
    certificates: [certificate({ spec: elsewhere }), shop],
  }
  const { permissions, certificates } = declaredFor('vault', mixed)
  assert.deepEqual([permissions.length, certificates], [1, [shop]])
})

test('mayShareRecord() wakes those that name the same subject, or were applied to the same record', () => {
  const [byThumbprint, byPin, theirs] = all.slice(2) as [Named, Named, Named]
  assert.ok(mayShareRecord(byThumbprint, theirs))
  assert.ok(!mayShareRecord(byThumbprint, byPin), 'until it was applied')
  const applied = { thumbprints: [thumbprint], clearance: 'ValidUser', databases: [] }
  assert.ok(mayShareRecord(byThumbprint, { ...byPin, status: { applied } }))
  const elsewhere = permission({ spec: { clusterRef: { name: 'other' } } })
  assert.ok(mayShareRecord(elsewhere, elsewhere))
  assert.ok(!mayShareRecord(elsewhere, permission()))
})

test('mayConcern() wakes a certificate with every permission that may be about it', () => {
  const known = { ...shop, status: { publicKeyPin: pin } }
  assert.deepEqual(
    [...all, ...others].filter((one) => mayConcern(one, known)),
    all,
  )
  const elsewhere = permission({ spec: { clusterRef: { name: 'other' } } })
  assert.ok(!mayConcern(elsewhere, known))
})
