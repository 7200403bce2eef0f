import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import type { CertificateState } from '#operator/admin/admin.ts'
import type { StrongroomCertificate } from '#operator/api/certificate.ts'
import type { Observed } from '#operator/certificates/observe.ts'
import { decide } from '#operator/certificates/plan.ts'
import {
  hasTooMuch,
  isNotRegistered,
  mustBeSignedAnew,
  rightsDiffer,
} from '#operator/certificates/registration.ts'
import { annotation, clusterLabels, finalizer } from '#operator/kube/labels.ts'
import { tlsData, tlsMaterial } from '#operator/kube/tls-secret.ts'
import type { Issued } from '#shared/pki/issue.ts'
import { authority, client, days, year2026 } from '#test/support/certificates.ts'
import {
  certificate,
  permission,
  readyStrongroom,
  secret,
  strongroom,
} from '#test/support/resources.ts'

let ca: Issued
let current: Issued
let next: Issued
before(async () => {
  ca = await authority('clients')
  current = await client(ca, { validity: days(90) })
  next = await client(ca, { validity: days(90) })
})

const material = (issued: Issued) =>
  tlsMaterial({ ...secret('tls', {}), data: tlsData(issued) }, 'tls')

function record(issued: Issued, given: Partial<CertificateState> = {}): CertificateState {
  const { thumbprint, pin: publicKeyPin, notAfter } = issued.certificate
  const rights = { clearance: 'ValidUser', permissions: { orders: 'ReadWrite' } } as const
  return { name: 'shop', thumbprint, publicKeyPin, notAfter, ...rights, ...given }
}

/** The certificate `current` in use, unless it says otherwise. */
function seen(
  given: Partial<Observed> & { readonly status?: StrongroomCertificate['status'] } = {},
): Observed {
  const { status = {}, ...rest } = given
  const source = { [annotation.source]: 'StrongroomCertificate/shop' }
  const base = {
    nowMs: year2026,
    resource: certificate({
      metadata: { finalizers: [finalizer] },
      spec: { privateKey: { algorithm: 'ECDSA' } },
      status,
    }),
    cluster: readyStrongroom(),
    authority: material(ca),
    target: {
      ...secret(
        'shop-tls',
        {},
        { labels: clusterLabels('vault', 'client-certificate'), annotations: source },
      ),
      data: tlsData(current),
    },
    current: material(current),
    staged: undefined,
    next: tlsMaterial(undefined, 'next'),
    certManager: { isPresent: false, certificate: undefined, requests: [] },
    permissions: [permission()],
    certificates: [],
    records: [record(current)],
    rivals: [],
    ...{ trust: 'T', password: '', storeId: 'store-1', storeCommit: 5 },
  }
  return { ...base, ...rest } as unknown as Observed
}

describe('hasTooMuch()', () => {
  const tooMuch = { records: [] as CertificateState[] }
  before(() => {
    tooMuch.records = [record(current, { permissions: { orders: 'Admin' } })]
  })

  test('takes rights away before anything that keeps the certificate itself from being worked on', () => {
    const inTheWay: Partial<Observed>[] = [
      { password: undefined },
      { trust: undefined },
      { authority: { kind: 'unusable', reason: 'SecretNotFound', message: 'gone' } },
      { rivals: [certificate({ metadata: { creationTimestamp: '2025-01-01T00:00:00Z' } })] },
      { resource: certificate({ spec: { duration: 'nonsense' } }) },
      { cluster: strongroom({ status: { storeId: 'store-1' } }) },
    ]
    for (const given of inTheWay) {
      const status = { thumbprint: current.certificate.thumbprint }
      const observed = seen({ ...tooMuch, ...given, status })
      assert.equal(decide(observed).kind, 'edit', JSON.stringify(Object.keys(given)))
    }
  })

  test('takes them from what no Secret shows any more', () => {
    const lost = { target: undefined, current: tlsMaterial(undefined, 'shop-tls') }
    const known = { thumbprint: current.certificate.thumbprint }
    assert.equal(hasTooMuch(seen({ ...tooMuch, ...lost })), undefined)
    assert.equal(hasTooMuch(seen({ ...tooMuch, ...lost, status: known }))?.kind, 'edit')
  })

  test('gives nothing, and writes to no other store than that of before', () => {
    assert.equal(hasTooMuch(seen({ records: [record(current, { permissions: {} })] })), undefined)
    assert.equal(hasTooMuch(seen({ ...tooMuch, storeId: 'store-2' })), undefined)
    const cluster = strongroom({ status: { storeId: 'store-1', storeCommit: 6 } })
    assert.equal(hasTooMuch(seen({ ...tooMuch, cluster })), undefined, 'an older copy')
  })

  test('leaves what only observes', () => {
    const permissions = [permission({ spec: { driftPolicy: 'Observe' } })]
    assert.equal(hasTooMuch(seen({ ...tooMuch, permissions })), undefined)
  })
})

test('rightsDiffer() gives each record its own rights: a permission by thumbprint counts for that one alone', () => {
  const { thumbprint } = current.certificate
  const spec = { subject: { thumbprint }, databases: [{ name: 'stock', access: 'Read' as const }] }
  const permissions = [permission(), permission({ metadata: { name: 'more' }, spec })]
  const decision = rightsDiffer(seen({ permissions, status: { thumbprint } }))
  assert.deepEqual(decision?.kind === 'edit' && decision.rights.permissions, {
    orders: 'ReadWrite',
    stock: 'Read',
  })
  const superseded = [{ thumbprint: next.certificate.thumbprint, notAfter: '2027-01-01T00:00:00Z' }]
  const records = [
    record(current, { permissions: { orders: 'ReadWrite', stock: 'Read' } }),
    record(next),
  ]
  assert.equal(rightsDiffer(seen({ permissions, records, status: { superseded } })), undefined)
})

describe('isNotRegistered()', () => {
  const { records } = { records: [] }

  test('never registers a certificate again that was taken off the server: another with another key takes its place', () => {
    const known = { thumbprint: current.certificate.thumbprint, storeId: 'store-1' }
    for (const status of [{}, known]) {
      assert.equal(isNotRegistered(seen({ records, status })), undefined)
      assert.deepEqual(decide(seen({ records, status })), { kind: 'stage', why: 'Revoked' })
    }
    const staged = seen({ records, status: known, next: material(next) })
    const decision = isNotRegistered(staged)
    const { thumbprint } = next.certificate
    assert.equal(decision?.kind === 'register' && decision.certificate.thumbprint, thumbprint)
  })

  test('registers again what was lost with another store', () => {
    const status = { thumbprint: current.certificate.thumbprint, storeId: 'store-0' }
    assert.equal(isNotRegistered(seen({ records, status }))?.kind, 'register')
    const another = { thumbprint: next.certificate.thumbprint, storeId: 'store-0' }
    assert.equal(decide(seen({ records, status: another })).kind, 'stage')
  })
})

test('mustBeSignedAnew() takes back what cert-manager gave, once, where that was taken off the server', () => {
  const resource = certificate({
    spec: { issuerRef: { group: 'cert-manager.io', name: 'ca' } },
    metadata: { finalizers: [finalizer] },
  })
  const issued = secret('shop-cert-manager-client', {})
  const given = { resource, issued, next: material(current) }
  assert.equal(mustBeSignedAnew(seen({ ...given, records: [] }))?.kind, 'withdraw')
  assert.equal(mustBeSignedAnew(seen(given)), undefined, 'it is registered')
  assert.equal(mustBeSignedAnew(seen({ ...given, records: [], issued: undefined })), undefined)
  const newer = { ...given, records: [], next: material(next) }
  assert.equal(mustBeSignedAnew(seen(newer)), undefined, 'another is there')
  assert.equal(mustBeSignedAnew(seen({ records: [], issued })), undefined, 'we sign ourselves')
})
