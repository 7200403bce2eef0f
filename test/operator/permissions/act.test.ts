import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { strongroomPermissions } from '#operator/api/permission.ts'
import type { KubeObject } from '#operator/kube/kube.ts'
import { finalizer } from '#operator/kube/labels.ts'
import { act } from '#operator/permissions/act.ts'
import type { Observed } from '#operator/permissions/observe.ts'
import type { Decision } from '#operator/permissions/plan.ts'
import type { Certificate } from '#shared/pki/certificate.ts'
import { authority, client } from '#test/support/certificates.ts'
import { FakeAdmin } from '#test/support/fake-admin.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import { permission } from '#test/support/resources.ts'

const rights = { clearance: 'ValidUser', permissions: { orders: 'Read' } } as const
const none = { clearance: 'ValidUser', permissions: {} } as const

let certificate: Certificate
before(async () => {
  certificate = (await client(await authority())).certificate
})

async function scene() {
  const [kube, admin] = [new FakeKube(), new FakeAdmin()]
  const resource = await kube.create<KubeObject>(strongroomPermissions, permission())
  const observed = { resource, admin } as unknown as Observed
  return { kube, admin, run: (decision: Decision) => act(kube, observed, decision) }
}

test('act() registers a certificate under its name, and changes the rights of that record alone', async () => {
  const { admin, run } = await scene()
  const deed = await run({ kind: 'register', certificate, name: 'theirs', rights })
  assert.equal(deed?.reason, 'CertificateRegistered')
  const [record, ...others] = await admin.certificates()
  assert.deepEqual(others, [])
  assert.deepEqual([record?.name, record?.permissions], ['theirs', { orders: 'Read' }])
  const edited = await run({
    kind: 'edit',
    record: record ?? assert.fail(),
    rights: none,
    fields: ['databases[orders]'],
  })
  assert.match(edited?.note ?? '', /: databases\[orders\]$/)
  assert.deepEqual(admin.calls, ['put theirs', 'edit theirs'])
  assert.deepEqual((await admin.certificates())[0]?.permissions, {})
})

test('act() sets the finalizer, and changes nothing for what only waits or is well', async () => {
  const { kube, admin, run } = await scene()
  await run({ kind: 'hold' })
  const held = await kube.get(strongroomPermissions, { name: 'shop-orders', namespace: 'shop' })
  assert.deepEqual(held?.metadata.finalizers, [finalizer])
  for (const decision of [
    { kind: 'drifted', fields: [] },
    { kind: 'wait', reason: 'x', message: '' },
    { kind: 'stalled', reason: 'x', message: '' },
    { kind: 'ready', thumbprints: [], rights, againAtMs: undefined },
  ] satisfies Decision[])
    assert.equal(await run(decision), undefined)
  assert.deepEqual(admin.calls, [])
  assert.equal(kube.writes.length, 2)
})
