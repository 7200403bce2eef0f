import assert from 'node:assert/strict'
import { test } from 'node:test'
import { strongroomDatabases } from '#operator/api/database.ts'
import { act } from '#operator/databases/act.ts'
import { keyName } from '#operator/databases/escrow.ts'
import type { Observed } from '#operator/databases/observe.ts'
import type { Decision } from '#operator/databases/plan.ts'
import { secrets } from '#operator/kube/kinds.ts'
import type { KubeObject } from '#operator/kube/kube.ts'
import { finalizer } from '#operator/kube/labels.ts'
import { FakeAdmin } from '#test/support/fake-admin.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import { database, secret } from '#test/support/resources.ts'

const key = Buffer.alloc(32, 1)
const escrow = () => secret('orders-database-key', { [keyName]: key })

async function after(decision: Decision, given: Partial<Observed> = {}) {
  const [kube, admin] = [new FakeKube(), new FakeAdmin()]
  const resource = await kube.create<KubeObject>(strongroomDatabases, database())
  const observed = { database: resource, escrow: undefined, admin, ...given } as Observed
  const deed = await act(kube, observed, decision)
  return { kube, admin, deed, writes: kube.writes.slice(1) }
}

test('act() makes a key only where none is there: created, never applied', async () => {
  const { kube, deed, writes } = await after({ kind: 'make-key' })
  assert.deepEqual(writes, ['create Secret orders-database-key'])
  assert.equal(deed?.reason, 'KeyMade')
  const observed = { database: database() } as Observed
  const before = await kube.get(secrets, { name: 'orders-database-key', namespace: 'shop' })
  assert.equal(await act(kube, observed, { kind: 'make-key' }), undefined)
  const same = await kube.get(secrets, { name: 'orders-database-key', namespace: 'shop' })
  assert.deepEqual(same, before)
})

test('act() creates a database with the key of its Secret, and a plain one without', async () => {
  const encrypted = await after({ kind: 'create' }, { escrow: escrow() })
  assert.equal(encrypted.admin.keyOf('orders'), key.toString('base64'))
  assert.equal(encrypted.deed?.note, 'Created database "orders" on the server')
  const plain = database({ spec: { encrypted: false, name: 'Plain' } })
  const { admin } = await after({ kind: 'create' }, { database: plain, escrow: escrow() })
  assert.deepEqual([admin.calls, admin.keyOf('Plain')], [['create Plain'], undefined])
})

test('act() drops the database and leaves its key', async () => {
  const { admin, writes, deed } = await after({ kind: 'drop', name: 'orders' })
  assert.deepEqual([admin.calls, writes], [['delete orders'], []])
  assert.equal(deed?.reason, 'DatabaseDeleted')
})

test('act() sets and takes off the finalizer', async () => {
  const { kube } = await after({ kind: 'hold' })
  const held = await kube.get(strongroomDatabases, { name: 'orders', namespace: 'shop' })
  assert.deepEqual(held?.metadata.finalizers, [finalizer])
})

test('act() does nothing where there is nothing to do', async () => {
  const message = ''
  for (const decision of [
    { kind: 'intend', storeId: 's' },
    { kind: 'wait', reason: 'x', message },
    { kind: 'stalled', reason: 'x', message },
    { kind: 'ready', databaseId: 'id', message },
    { kind: 'release' },
  ] satisfies Decision[]) {
    const { admin, writes, deed } = await after(decision)
    assert.deepEqual([admin.calls, writes, deed], [[], [], undefined], decision.kind)
  }
})

test('act() enables a database that was disabled, and says so', async () => {
  const [kube, admin] = [new FakeKube(), new FakeAdmin()]
  await admin.createDatabase({ name: 'orders' })
  admin.alter('orders', { Disabled: true })
  const observed = { database: database(), admin } as unknown as Observed
  const deed = await act(kube, observed, { kind: 'enable', name: 'orders' })
  assert.equal((await admin.state()).Databases[0]?.Disabled, false)
  assert.equal(deed?.reason, 'DriftCorrected')
})
