import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { CertificateState } from '#operator/admin/admin.ts'
import type { StrongroomCertificateStatus } from '#operator/api/certificate.ts'
import type { Decision } from '#operator/certificates/decision.types.ts'
import type { Observed } from '#operator/certificates/observe.ts'
import { statusOf } from '#operator/certificates/status.ts'
import { tlsData, tlsMaterial } from '#operator/kube/tls-secret.ts'
import type { Issued } from '#shared/pki/issue.ts'
import { authority, client, days, year2026 } from '#test/support/certificates.ts'
import { certificate, secret } from '#test/support/resources.ts'

const none = tlsMaterial(undefined, 'tls')
const ready: Decision = { kind: 'ready', againAtMs: 0 }
let current: Issued
let next: Issued
before(async () => {
  const ca = await authority()
  current = await client(ca, { validity: days(90) })
  next = await client(ca, { validity: days(90) })
})

const material = (issued: Issued) =>
  tlsMaterial({ ...secret('tls', {}), data: tlsData(issued) }, 'tls')
const record = (thumbprint: string) => ({ thumbprint }) as CertificateState

function after(
  decision: Decision,
  given: Partial<Observed> & { readonly status?: StrongroomCertificateStatus } = {},
) {
  const { status = {}, ...rest } = given
  const base = {
    nowMs: year2026,
    resource: certificate({ status }),
    current: none,
    next: none,
    records: [],
  }
  return statusOf({ ...base, ...rest } as unknown as Observed, decision)
}

test('statusOf() describes the certificate in use, and counts each that was issued', () => {
  const { thumbprint, pin } = current.certificate
  const first = after(ready, { current: material(current) })
  assert.deepEqual([first.thumbprint, first.publicKeyPin, first.revision], [thumbprint, pin, 1])
  assert.equal(first.notAfter, new Date(current.certificate.notAfter).toISOString())
  assert.ok(Date.parse(first.renewAt ?? '') < Date.parse(first.notAfter ?? ''))
  assert.equal(after(ready, { current: material(current), status: first }).revision, 1)
  assert.equal(after(ready, { current: material(next), status: first }).revision, 2)
  assert.equal(after(ready).thumbprint, undefined)
})

test('statusOf() lists the one in use as soon as its successor is staged, once, and never the successor', () => {
  const both = { current: material(current), next: material(next) }
  const staged = after({ kind: 'publish', from: 'staged' }, both)
  const { thumbprint } = current.certificate
  assert.deepEqual(
    staged.superseded?.map((one) => one.thumbprint),
    [thumbprint],
  )
  const again = after({ kind: 'publish', from: 'staged' }, { ...both, status: staged })
  assert.deepEqual(again.superseded, staged.superseded)
  const published = after(ready, { current: material(next), next: material(next), status: staged })
  assert.deepEqual(published.superseded, staged.superseded)
})

test('statusOf() forgets an earlier one only when it has ended and left the server', () => {
  const entry = (days: number) => ({
    thumbprint: 'A',
    notAfter: new Date(year2026 + days).toISOString(),
  })
  const seen = (
    superseded: StrongroomCertificateStatus['superseded'],
    records?: CertificateState[],
  ) =>
    after(ready, { current: material(current), records, status: { superseded } } as never)
      .superseded
  assert.equal(seen([entry(1)], [])?.length, 1, 'it may still be presented')
  assert.equal(seen([entry(-1)], [record('A')])?.length, 1, 'it is still registered')
  assert.equal(seen([entry(-1)])?.length, 1, 'nobody could be asked')
  assert.equal(seen([entry(-1)], [])?.length, 0)
})

test('statusOf() stays ready while rights are brought up to date, and says what it is at otherwise', () => {
  const reasonOf = (decision: Decision): string => {
    const found = after(decision).conditions?.find(({ status }) => status === 'True')
    return `${found?.type} ${found?.reason}`
  }
  const edit: Decision = {
    kind: 'edit',
    thumbprint: 'A',
    record: record('A'),
    rights: { clearance: 'ValidUser', permissions: {} },
    fields: [],
  }
  assert.equal(reasonOf(ready), 'Ready Ready')
  assert.equal(reasonOf(edit), 'Ready Ready')
  assert.equal(reasonOf({ kind: 'retire', thumbprint: 'A', why: '' }), 'Ready Ready')
  assert.equal(reasonOf({ kind: 'stage', why: 'Missing' }), 'Reconciling Issuing')
  assert.equal(
    reasonOf({ kind: 'wait', reason: 'ServerUnreachable', message: '' }),
    'Reconciling ServerUnreachable',
  )
  assert.equal(reasonOf({ kind: 'stalled', reason: 'Conflict', message: '' }), 'Stalled Conflict')
})
