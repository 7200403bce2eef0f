import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import type { CertificateState } from '#operator/admin/admin.ts'
import { annotation, finalizer } from '#operator/kube/labels.ts'
import type { Observed, Subject } from '#operator/permissions/observe.ts'
import { decide } from '#operator/permissions/plan.ts'
import type { Certificate } from '#shared/pki/certificate.ts'
import { authority, client } from '#test/support/certificates.ts'
import { certificate, permission, readyStrongroom, strongroom } from '#test/support/resources.ts'

const now = Date.UTC(2026, 5, 1)
const thumbprint = 'A'.repeat(40)
const old = 'B'.repeat(40)
const pin = `${'p'.repeat(43)}=`

function record(given: Partial<CertificateState> = {}): CertificateState {
  return {
    name: 'shop',
    thumbprint,
    publicKeyPin: pin,
    clearance: 'ValidUser',
    permissions: { orders: 'ReadWrite' },
    notAfter: now + 1,
    ...given,
  }
}

const ofCertificate: Subject = {
  kind: 'certificate',
  resource: certificate({
    status: { thumbprint, superseded: [{ thumbprint: old, notAfter: '2026-07-01T00:00:00Z' }] },
  }),
}

function seen(given: Partial<Observed> = {}): Observed {
  const { resource = permission(), subject = ofCertificate } = given
  return {
    nowMs: now,
    resource,
    cluster: readyStrongroom(),
    subject,
    permissions: [resource],
    certificates: subject.kind === 'certificate' && subject.resource ? [subject.resource] : [],
    records: [record()],
    storeId: 'store-1',
    storeCommit: 5,
    unreachable: undefined,
    admin: undefined,
    isNamespaceEnding: false,
    ...given,
  }
}

const reasonOf = (observed: Observed): string => {
  const decision = decide(observed)
  return 'reason' in decision ? `${decision.kind} ${decision.reason}` : decision.kind
}

describe('decide() for a permission of a StrongroomCertificate', () => {
  test('is ready when every live certificate on the server has the rights', () => {
    const decision = decide(seen({ records: [record(), record({ thumbprint: old })] }))
    assert.deepEqual(decision, {
      kind: 'ready',
      thumbprints: [thumbprint, old],
      rights: { clearance: 'ValidUser', permissions: { orders: 'ReadWrite' } },
      againAtMs: undefined,
    })
  })

  test('waits, and writes nothing itself, while the certificate controller brings the rights up to date', () => {
    assert.equal(reasonOf(seen({ records: [record({ permissions: {} })] })), 'wait Applying')
    assert.equal(
      reasonOf(seen({ records: [record(), record({ thumbprint: old, permissions: {} })] })),
      'wait Applying',
    )
    assert.equal(reasonOf(seen({ records: [] })), 'wait CertificateNotReady')
  })

  test('needs no finalizer: who writes the record also takes the rights back', () => {
    const going = permission({
      metadata: { deletionTimestamp: '2026-06-01T00:00:00Z' },
      status: { applied: { thumbprints: [thumbprint], clearance: 'ValidUser', databases: [] } },
    })
    assert.equal(decide(seen({ resource: going, records: undefined })).kind, 'release')
  })

  test('waits for a certificate that is not declared, and refuses one of another cluster', () => {
    assert.equal(
      reasonOf(seen({ subject: { kind: 'certificate', resource: undefined } })),
      'wait CertificateNotFound',
    )
    const elsewhere: Subject = {
      kind: 'certificate',
      resource: certificate({ spec: { clusterRef: { name: 'other' } } }),
    }
    assert.equal(reasonOf(seen({ subject: elsewhere })), 'stalled OtherCluster')
  })

  test('shows drift instead of waiting for its repair where it only observes', () => {
    const resource = permission({ spec: { driftPolicy: 'Observe' } })
    assert.deepEqual(
      decide(seen({ resource, records: [record({ permissions: { orders: 'Admin' } })] })),
      { kind: 'drifted', fields: ['databases[orders]'] },
    )
  })
})

describe('decide() for a permission in general', () => {
  test('waits for the cluster, its store and its server, in this order', () => {
    assert.equal(reasonOf(seen({ cluster: undefined })), 'wait ClusterNotFound')
    assert.equal(reasonOf(seen({ cluster: strongroom() })), 'wait ClusterNotReady')
    assert.equal(
      reasonOf(seen({ records: undefined, unreachable: 'away' })),
      'wait ServerUnreachable',
    )
  })

  test('is stuck when an older one disagrees', () => {
    const elder = permission({
      metadata: { name: 'elder', creationTimestamp: '2025-01-01T00:00:00Z' },
      spec: { databases: [{ name: 'orders', access: 'Read' }] },
    })
    const resource = permission()
    assert.equal(reasonOf(seen({ resource, permissions: [resource, elder] })), 'stalled Conflict')
  })

  test('ends by itself', () => {
    const resource = permission({ spec: { notAfter: '2026-05-31T00:00:00Z' } })
    assert.equal(reasonOf(seen({ resource })), 'stalled Ended')
    const later = permission({ spec: { notAfter: '2026-07-01T00:00:00Z' } })
    const july = Date.UTC(2026, 6, 1)
    assert.equal(reasonOf(seen({ resource: later })), 'wait Applying', 'the server ends it')
    const ends = { orders: july }
    const decision = decide(seen({ resource: later, records: [record({ ends })] }))
    assert.equal(decision.kind === 'ready' && decision.againAtMs, july)
  })
})

describe('decide() for a permission of a Secret or a registered certificate', () => {
  let shop: Certificate
  before(async () => {
    shop = (await client(await authority())).certificate
  })
  const held = { metadata: { finalizers: [finalizer] } }
  const bySecret = () => permission({ ...held, spec: { subject: { secretRef: { name: 'mine' } } } })
  const byThumbprint = (more: object = {}) =>
    permission({ ...held, ...more, spec: { subject: { thumbprint } } })

  test('holds on first, because nobody else would take the rights back', () => {
    assert.equal(
      decide(
        seen({
          resource: permission({ spec: { subject: { thumbprint } } }),
          subject: { kind: 'registered' },
        }),
      ).kind,
      'hold',
    )
  })

  test('registers the certificate of a Secret with its rights', () => {
    const decision = decide(
      seen({
        resource: bySecret(),
        subject: { kind: 'secret', certificate: shop, trouble: undefined },
        records: [],
      }),
    )
    assert.equal(decision.kind === 'register' && decision.certificate.thumbprint, shop.thumbprint)
    assert.deepEqual(decision.kind === 'register' && decision.rights.permissions, {
      orders: 'ReadWrite',
    })
  })

  test('waits for a Secret without a certificate', () => {
    assert.equal(
      reasonOf(
        seen({
          resource: bySecret(),
          subject: { kind: 'secret', certificate: undefined, trouble: 'no such Secret' },
        }),
      ),
      'wait SecretNotFound',
    )
  })

  test('does not invent a certificate that nobody registered', () => {
    assert.equal(
      reasonOf(seen({ resource: byThumbprint(), subject: { kind: 'registered' }, records: [] })),
      'stalled NotRegistered',
    )
  })

  test('sets the rights where they differ, found by thumbprint or by pin', () => {
    const found = decide(
      seen({
        resource: byThumbprint(),
        subject: { kind: 'registered' },
        records: [record({ permissions: {} })],
      }),
    )
    assert.deepEqual(found.kind === 'edit' && found.fields, ['databases[orders]'])
    const byPin = permission({
      metadata: { ...held.metadata, annotations: { [annotation.adopt]: 'true' } },
      spec: { subject: { publicKeyPin: pin } },
    })
    const all = decide(
      seen({
        resource: byPin,
        subject: { kind: 'registered' },
        records: [record(), record({ thumbprint: old, clearance: 'Operator' })],
      }),
    )
    assert.equal(all.kind === 'edit' && all.record.thumbprint, old)
  })

  test('takes the rights back before it lets go, but not those that it never gave', () => {
    const applied = {
      applied: { thumbprints: [thumbprint], clearance: 'ValidUser', databases: [] },
    }
    const going = byThumbprint({
      metadata: { finalizers: [finalizer], deletionTimestamp: '2026-06-01T00:00:00Z' },
      status: applied,
    })
    const decision = decide(seen({ resource: going, subject: { kind: 'registered' } }))
    assert.deepEqual(decision.kind === 'edit' && decision.rights, {
      clearance: 'ValidUser',
      permissions: {},
    })
    assert.equal(
      decide(
        seen({
          resource: going,
          subject: { kind: 'registered' },
          records: [record({ permissions: {} })],
        }),
      ).kind,
      'release',
    )
    assert.equal(
      decide(seen({ resource: going, subject: { kind: 'registered' }, cluster: undefined })).kind,
      'release',
    )
    const never = byThumbprint({
      metadata: { finalizers: [finalizer], deletionTimestamp: '2026-06-01T00:00:00Z' },
    })
    assert.equal(decide(seen({ resource: never, subject: { kind: 'registered' } })).kind, 'release')
  })
})

describe('decide() for a Secret whose certificate is renewed', () => {
  let before_: Certificate
  let after_: Certificate
  before(async () => {
    const ca = await authority('somebody')
    before_ = (await client(ca)).certificate
    after_ = (await client(ca)).certificate
  })
  const held = { finalizers: [finalizer] }
  const applied = () => ({
    applied: { thumbprints: [before_.thumbprint], clearance: 'ValidUser', databases: [] },
  })
  const of = (certificate: Certificate | undefined): Subject => ({
    kind: 'secret',
    certificate,
    trouble: certificate === undefined ? 'gone' : undefined,
  })
  const spec = { subject: { secretRef: { name: 'theirs' } } }

  test('registers the new one, and keeps the rights of the old one up to date', () => {
    const resource = permission({ metadata: held, spec, status: applied() })
    const old = record({ thumbprint: before_.thumbprint })
    const seenWith = (records: CertificateState[]) =>
      seen({ resource, subject: of(after_), records })
    const registering = decide(seenWith([old]))
    assert.equal(registering.kind === 'register' && registering.certificate, after_)
    const fresh = record({ thumbprint: after_.thumbprint })
    const narrowed = decide(seenWith([{ ...old, permissions: { orders: 'Admin' } }, fresh]))
    assert.equal(narrowed.kind === 'edit' && narrowed.record.thumbprint, before_.thumbprint)
    const ready = decide(seenWith([old, fresh]))
    assert.deepEqual(ready.kind === 'ready' && ready.thumbprints, [
      old.thumbprint,
      fresh.thumbprint,
    ])
  })

  test('takes the rights of both back with the resource, also when the Secret is gone', () => {
    const metadata = { ...held, deletionTimestamp: '2026-06-01T00:00:00Z' }
    const resource = permission({ metadata, spec, status: applied() })
    const records = [record({ thumbprint: before_.thumbprint })]
    for (const certificate of [after_, undefined]) {
      const decision = decide(
        seen({ resource, subject: of(certificate), permissions: [resource], records }),
      )
      assert.deepEqual(decision.kind === 'edit' && decision.rights, {
        clearance: 'ValidUser',
        permissions: {},
      })
    }
  })
})
