import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { registeredBy } from '#operator/access/registered.ts'
import type { CertificateState } from '#operator/admin/admin.ts'
import { type StrongroomPermission, strongroomPermissions } from '#operator/api/permission.ts'
import { claim } from '#operator/permissions/claim.ts'
import type { Observed } from '#operator/permissions/observe.ts'
import type { Decision } from '#operator/permissions/plan.ts'
import type { Certificate } from '#shared/pki/certificate.ts'
import { authority, client } from '#test/support/certificates.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import { permission } from '#test/support/resources.ts'

const thumbprint = 'A'.repeat(40)
const record = { thumbprint } as CertificateState
const rights = { clearance: 'ValidUser', permissions: {} } as const
const edit: Decision = { kind: 'edit', record, rights, fields: [] }
let certificate: Certificate
before(async () => {
  certificate = (await client(await authority())).certificate
})

/** What is on record after the decision is claimed for. */
async function after(
  decision: Decision,
  given: Parameters<typeof permission>[0] = {},
  kind: Observed['subject']['kind'] = 'registered',
) {
  const kube = new FakeKube()
  const resource = await kube.create<StrongroomPermission>(strongroomPermissions, permission(given))
  await claim(kube, { resource, records: [record], subject: { kind } } as never, decision)
  const ref = { name: 'shop-orders', namespace: 'shop' }
  const found = await kube.get<StrongroomPermission>(strongroomPermissions, ref)
  return found && registeredBy(found)
}

test('claim() notes what is about to be registered, changed, or found as declared', async () => {
  const register: Decision = { kind: 'register', certificate, name: 'x', rights }
  assert.deepEqual(await after(register), [certificate.thumbprint])
  assert.deepEqual(await after(edit), [thumbprint])
  const ready = { kind: 'ready', thumbprints: [thumbprint], rights, againAtMs: undefined } as const
  assert.deepEqual(await after(ready), [thumbprint])
})

test('claim() writes nothing where rights are only taken away: that waits for no write', async () => {
  const status = { applied: { thumbprints: [thumbprint], clearance: 'ValidUser', databases: [] } }
  assert.equal(await after(edit, { status }), undefined)
  assert.equal(await after({ ...edit, isGivenUp: true }), undefined)
  const metadata = { deletionTimestamp: '2026-06-01T00:00:00Z', finalizers: ['x'] }
  assert.equal(await after(edit, { metadata }), undefined)
})

test('claim() leaves the record of a StrongroomCertificate to that', async () => {
  assert.equal(await after(edit, {}, 'certificate'), undefined)
})
