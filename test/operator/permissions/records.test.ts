import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import type { CertificateState } from '#operator/admin/admin.ts'
import type { StrongroomPermission, StrongroomPermissionSpec } from '#operator/api/permission.ts'
import { annotation } from '#operator/kube/labels.ts'
import type { Observed } from '#operator/permissions/observe.ts'
import {
  claimedRecords,
  isForeign,
  isWriter,
  recordsOf,
  unionFor,
  unionWithout,
} from '#operator/permissions/records.ts'
import type { Certificate } from '#shared/pki/certificate.ts'
import { authority, client } from '#test/support/certificates.ts'
import { certificate, permission } from '#test/support/resources.ts'

let shop: Certificate
before(async () => {
  shop = (await client(await authority())).certificate
})

const byHand = { clearance: 'ValidUser', permissions: { billing: 'Read' } } as const

function record(given: Partial<CertificateState> = {}): CertificateState {
  const { thumbprint, pin: publicKeyPin, notAfter } = shop
  return { name: 'shop', thumbprint, publicKeyPin, notAfter, ends: {}, ...byHand, ...given }
}

function seen(
  subject: StrongroomPermissionSpec['subject'],
  given: Partial<Observed> & { readonly annotations?: Record<string, string> } = {},
): Observed {
  const { annotations = {}, ...rest } = given
  const resource = permission({ metadata: { annotations }, spec: { subject } })
  const base = {
    nowMs: Date.UTC(2026, 5, 1),
    resource,
    subject:
      subject.secretRef === undefined
        ? { kind: 'registered' }
        : { kind: 'secret', certificate: shop, trouble: undefined },
    permissions: [resource],
    certificates: [],
    records: [record()],
  }
  return { ...base, ...rest } as unknown as Observed
}

describe('isForeign()', () => {
  const bySecret = { secretRef: { name: 'theirs' } }
  const is = (observed: Observed, given: Partial<CertificateState> = {}): boolean => {
    const one = record(given)
    return isForeign({ ...observed, records: [one] }, one)
  }

  test('keeps a Secret from taking over what somebody registered with any other rights', () => {
    assert.ok(is(seen(bySecret)))
    assert.ok(is(seen(bySecret), { permissions: { orders: 'Read' } }))
    assert.ok(is(seen(bySecret), { clearance: 'ClusterAdmin', permissions: {} }))
  })

  test('keeps a thumbprint from taking rights away that somebody gave by hand, and lets it give more', () => {
    const { thumbprint, pin } = shop
    for (const subject of [{ thumbprint }, { publicKeyPin: pin }]) {
      assert.ok(is(seen(subject), { clearance: 'ClusterAdmin', permissions: {} }), 'a demotion')
      assert.ok(is(seen(subject)), 'billing would be lost')
      assert.ok(!is(seen(subject), { permissions: { orders: 'Read' } }))
    }
  })

  test('lets go where that is said, nothing would change, or there is nothing to lose', () => {
    assert.ok(!is(seen(bySecret, { annotations: { [annotation.adopt]: 'true' } })))
    assert.ok(!is(seen(bySecret), { permissions: { orders: 'ReadWrite' } }))
    assert.ok(!is(seen(bySecret), { permissions: {} }))
  })

  test('knows what is ours: noted here, by another permission, or of a StrongroomCertificate', () => {
    const noted = { [annotation.registered]: shop.thumbprint }
    assert.ok(!is(seen(bySecret, { annotations: noted })))
    const other = permission({
      metadata: { name: 'other', annotations: noted },
      spec: { subject: { secretRef: { name: 'copy' } } },
    })
    const going = { ...other.metadata, deletionTimestamp: '2026-06-01T00:00:00Z' }
    const beside = (one: StrongroomPermission) => seen(bySecret, { permissions: [one] })
    assert.ok(!is(beside(other)))
    assert.ok(is(beside({ ...other, metadata: going })))
    const owner = certificate({ metadata: { annotations: noted } })
    assert.ok(!is(seen(bySecret, { certificates: [owner] })))
  })
})

test('recordsOf() and claimedRecords() include renewals, and what is not registered yet is nobody’s', () => {
  const renewal = record({ thumbprint: 'B'.repeat(40) })
  const stranger = record({ thumbprint: 'C'.repeat(40), publicKeyPin: 'another' })
  const records = [record(), renewal, stranger]
  const bySecret = seen({ secretRef: { name: 'theirs' } }, { records })
  assert.deepEqual(recordsOf(bySecret), [record(), renewal])
  assert.deepEqual(claimedRecords(bySecret), [], 'nothing was given yet')
  const noted = seen(
    { secretRef: { name: 'theirs' } },
    { records, annotations: { [annotation.registered]: renewal.thumbprint } },
  )
  assert.deepEqual(claimedRecords(noted), [record(), renewal])
  assert.deepEqual(recordsOf(seen({ thumbprint: 'D'.repeat(40) }, { records })), [])
})

test('unionFor() adds this permission to the others about a record, unionWithout() leaves it out', () => {
  const other = permission({
    metadata: { name: 'other' },
    spec: {
      subject: { thumbprint: shop.thumbprint },
      databases: [{ name: 'stock', access: 'Read' }],
    },
  })
  const bySecret = seen({ secretRef: { name: 'theirs' } })
  const both = { ...bySecret, permissions: [bySecret.resource, other] }
  assert.deepEqual(unionFor(both, record()).rights.permissions, {
    orders: 'ReadWrite',
    stock: 'Read',
  })
  assert.deepEqual(unionWithout(both, record()).rights.permissions, { stock: 'Read' })
})

test('isWriter() leaves the record of a StrongroomCertificate to its controller', () => {
  assert.ok(isWriter(seen({ thumbprint: shop.thumbprint })))
  const of = { subject: { kind: 'certificate', resource: certificate() } } as const
  assert.ok(!isWriter(seen({ secretRef: { name: 'shop-tls' } }, of)))
})
