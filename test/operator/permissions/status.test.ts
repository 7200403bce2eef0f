import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { CertificateState } from '#operator/admin/admin.ts'
import type { Observed } from '#operator/permissions/observe.ts'
import type { Decision } from '#operator/permissions/plan.ts'
import { statusOf } from '#operator/permissions/status.ts'
import type { Certificate } from '#shared/pki/certificate.ts'
import { authority, client } from '#test/support/certificates.ts'
import { permission } from '#test/support/resources.ts'

const nowMs = Date.UTC(2026, 5, 1)
const rights = { clearance: 'ValidUser', permissions: { orders: 'Read' } } as const
const record = { thumbprint: 'A'.repeat(40) } as CertificateState
const databases = [{ name: 'orders', access: 'Read' }] as const

let certificate: Certificate
before(async () => {
  certificate = (await client(await authority())).certificate
})

function after(decision: Decision, status?: Observed['resource']['status']) {
  const resource = permission({
    metadata: { generation: 3 },
    ...(status === undefined ? {} : { status }),
  })
  return statusOf({ resource, nowMs } as Observed, decision)
}
const holds = ({ conditions = [] }: ReturnType<typeof after>): string[] =>
  conditions
    .filter(({ status }) => status === 'True')
    .map(({ type, reason }) => `${type} ${reason}`)

test('statusOf() says which of the three holds, for the generation that was looked at', () => {
  const ready: Decision = { kind: 'ready', thumbprints: [], rights, againAtMs: undefined }
  const cases: readonly [Decision, string[]][] = [
    [ready, ['Ready Ready']],
    [{ kind: 'hold' }, ['Reconciling Applying']],
    [{ kind: 'wait', reason: 'ClusterNotFound', message: '' }, ['Reconciling ClusterNotFound']],
    [{ kind: 'stalled', reason: 'Conflict', message: '' }, ['Stalled Conflict']],
    [
      { kind: 'drifted', fields: ['clearance'] },
      ['Stalled DriftDetected', 'DriftDetected RightsDiffer'],
    ],
  ]
  for (const [decision, expected] of cases) {
    const status = after(decision)
    assert.deepEqual(holds(status), expected)
    assert.equal(status.observedGeneration, 3)
    assert.ok(status.conditions?.every(({ observedGeneration }) => observedGeneration === 3))
  }
})

test('statusOf() remembers what is about to be given before it is given, and never forgets it', () => {
  const registering: Decision = { kind: 'register', certificate, name: 'x', rights }
  assert.deepEqual(after(registering).applied, {
    thumbprints: [certificate.thumbprint],
    clearance: 'ValidUser',
    databases,
  })
  const editing: Decision = { kind: 'edit', record, rights, fields: ['clearance'] }
  const known = { thumbprints: [certificate.thumbprint], clearance: 'ValidUser', databases: [] }
  assert.deepEqual(after(editing, { applied: known }).applied?.thumbprints, [
    certificate.thumbprint,
    record.thumbprint,
  ])
  const waiting: Decision = { kind: 'wait', reason: 'ServerUnreachable', message: '' }
  assert.deepEqual(after(waiting, { applied: known }).applied, known)
  assert.equal(after(waiting).applied, undefined)
})

test('statusOf() dates a drift once, and says nothing of the first application', () => {
  const editing: Decision = { kind: 'edit', record, rights, fields: ['clearance'] }
  assert.equal(after(editing).lastDrift, undefined)
  const applied = { thumbprints: [], clearance: 'ValidUser', databases: [] }
  const drift = { time: '2026-06-01T00:00:00.000Z', fields: ['clearance'] }
  assert.deepEqual(after(editing, { applied }).lastDrift, drift)
  const earlier = { time: '2026-01-01T00:00:00.000Z', fields: ['clearance'] }
  const seen: Decision = { kind: 'drifted', fields: ['clearance'] }
  assert.deepEqual(after(seen, { applied, lastDrift: earlier }).lastDrift, earlier)
  const another: Decision = { kind: 'drifted', fields: ['databases[orders]'] }
  assert.notDeepEqual(after(another, { applied, lastDrift: earlier }).lastDrift, earlier)
  const ready: Decision = { kind: 'ready', thumbprints: [], rights, againAtMs: undefined }
  assert.deepEqual(after(ready, { applied, lastDrift: earlier }).lastDrift, earlier)
})
