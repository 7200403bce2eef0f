/** What Kubernetes or a server refuses, in every controller of a whole operator: a condition with cause and fix, no hurry, and a recovery at once. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Refused } from '#operator/admin/admin.ts'
import { strongroomCertificates } from '#operator/api/certificate.ts'
import { strongroomDatabases } from '#operator/api/database.ts'
import { strongroomPermissions } from '#operator/api/permission.ts'
import { type Strongroom, strongrooms } from '#operator/api/strongroom.ts'
import { type Kind, KubeError, type KubeObject } from '#operator/kube/kube.ts'
import { namespace, type OperatorWorld, operatorWorld } from '#test/support/operator-world.ts'
import { certificate, database, permission, strongroom } from '#test/support/resources.ts'

/** As `FakeKube.failures` and `FakeAdmin.failures`, but for as long as it is there. */
function refusing(failures: Map<string, Error>, call: string, error: Error): () => number {
  let times = 0
  const get = Map.prototype.delete
  failures.set(call, error)
  failures.delete = (key) => {
    if (key === call) times += 1
    return key === call ? true : get.call(failures, key)
  }
  return () => times
}

function allowing(failures: Map<string, Error>): void {
  Reflect.deleteProperty(failures, 'delete')
  failures.clear()
}

interface Condition {
  readonly type: string
  readonly status: string
  readonly message: string
}

async function said(
  world: OperatorWorld,
  kind: Kind,
  name: string,
  type: string,
): Promise<Condition> {
  const found = await world.get<KubeObject & Pick<Strongroom, 'status'>>(kind, name)
  return found?.status?.conditions?.find((one) => one.type === type) ?? assert.fail(`no ${type}`)
}

async function readyWorld(): Promise<OperatorWorld> {
  const world = operatorWorld()
  await world.create(strongroom())
  await world.work()
  assert.equal(await world.ready(strongrooms, 'vault'), 'True Ready')
  return world
}

/** Long times in larger steps. */
async function pass(world: OperatorWorld, seconds: number): Promise<void> {
  for (let passed = 0; passed < seconds; passed += 15) {
    await world.time.pass(14_000)
    await world.work(1)
  }
}

const invalid = new KubeError(
  422,
  'Invalid',
  'StatefulSet.apps "vault" is invalid: limits: must be at least the request',
)

test('a refused apply of a Strongroom that was Ready is a condition, is tried a few times in ten minutes, and recovers with the spec', async () => {
  await using world = await readyWorld()
  const times = refusing(world.kube.failures, 'apply StatefulSet vault', invalid)
  const spec = { spec: { pod: { nodeSelector: { a: 'b' } } } }
  await world.kube.patch(strongrooms, { name: 'vault', namespace }, spec)
  await world.work(5)
  assert.equal(await world.ready(strongrooms, 'vault'), 'False ApplyRefused')
  const { status, message } = await said(world, strongrooms, 'vault', 'Stalled')
  assert.equal(status, 'True')
  assert.match(message, /limits: must be at least the request\. Correct what it names/)
  await pass(world, 600)
  assert.ok(times() >= 3 && times() <= 8, `${times()} tries in ten minutes`)
  allowing(world.kube.failures)
  await world.kube.patch(strongrooms, { name: 'vault', namespace }, { spec: { pod: null } })
  await world.work(5)
  assert.equal(await world.ready(strongrooms, 'vault'), 'True Ready')
})

test('what a server refuses of a database, a certificate and a permission is a condition, and no hot loop', async () => {
  await using world = await readyWorld()
  const refusal = new Refused(400, 'CertificateRuleBroken', 'The name is not to its liking')
  const times = refusing(world.admin.failures, 'create orders', refusal)
  await world.create(database())
  await pass(world, 120)
  assert.equal(await world.ready(strongroomDatabases, 'orders'), 'False ServerRefused')
  assert.ok(times() <= 4, `${times()} tries in two minutes`)
  allowing(world.admin.failures)
  const adopt = { metadata: { annotations: { note: 'try again' } } }
  await world.kube.patch(strongroomDatabases, { name: 'orders', namespace }, adopt)
  await world.work(5)
  assert.equal(await world.ready(strongroomDatabases, 'orders'), 'True Ready')

  const puts = refusing(world.admin.failures, 'put shop', refusal)
  await world.create(certificate({ spec: { privateKey: { algorithm: 'ECDSA' } } }))
  await pass(world, 120)
  assert.equal(await world.ready(strongroomCertificates, 'shop'), 'False ServerRefused')
  assert.ok(puts() <= 4, `${puts()} tries in two minutes`)
  allowing(world.admin.failures)
  await pass(world, 120)
  assert.equal(await world.ready(strongroomCertificates, 'shop'), 'True Ready')

  const edits = refusing(world.admin.failures, 'edit shop', refusal)
  await world.create(permission())
  await pass(world, 120)
  assert.equal(await world.ready(strongroomCertificates, 'shop'), 'False ServerRefused')
  assert.notEqual((await world.ready(strongroomPermissions, 'shop-orders')).slice(0, 4), 'True')
  assert.ok(edits() <= 4, `${edits()} tries in two minutes`)
  allowing(world.admin.failures)
  await pass(world, 300)
  assert.equal(await world.ready(strongroomPermissions, 'shop-orders'), 'True Ready')
})

test('a status that the API server does not take is said in a status that it takes', async () => {
  await using world = await readyWorld()
  const tooLong = new KubeError(422, 'Invalid', 'status.conditions[0].message: Too long')
  world.kube.failures.set('status StrongroomDatabase orders', tooLong)
  await world.create(database())
  await world.work(3)
  assert.ok(world.events.includes('StrongroomDatabase orders ApplyRefused'))
  assert.equal(await world.ready(strongroomDatabases, 'orders'), 'True Ready')
})
