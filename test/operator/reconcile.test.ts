/** The four controllers together, on a fake cluster: what a person applies, and what becomes of it. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { StrongroomCertificate } from '#operator/api/certificate.ts'
import { strongroomCertificates } from '#operator/api/certificate.ts'
import { strongroomDatabases } from '#operator/api/database.ts'
import { strongroomPermissions } from '#operator/api/permission.ts'
import { type Strongroom, strongrooms } from '#operator/api/strongroom.ts'
import { persistentVolumeClaims, secrets, statefulSets } from '#operator/kube/kinds.ts'
import { KubeError } from '#operator/kube/kube.ts'
import { annotation } from '#operator/kube/labels.ts'
import { secretBytes, secretText } from '#operator/kube/secret.ts'
import { namespace, type OperatorWorld, operatorWorld } from '#test/support/operator-world.ts'
import { certificate, database, permission, secret, strongroom } from '#test/support/resources.ts'

const fast = { spec: { privateKey: { algorithm: 'ECDSA' as const } } }

async function quickstart(world: OperatorWorld): Promise<void> {
  for (const object of [strongroom(), database(), certificate(fast), permission()])
    await world.create(object)
}

async function allReady(world: OperatorWorld): Promise<string[]> {
  return Promise.all([
    world.ready(strongrooms, 'vault'),
    world.ready(strongroomDatabases, 'orders'),
    world.ready(strongroomCertificates, 'shop'),
    world.ready(strongroomPermissions, 'shop-orders'),
  ])
}

const ready = ['True Ready', 'True Ready', 'True Ready', 'True Ready']

/** Lets it work until everything is ready, half a minute at most. */
async function untilReady(world: OperatorWorld): Promise<string[]> {
  for (let second = 0; second < 30; second += 1) {
    await world.work(1)
    const states = await allReady(world)
    if (states.every((state) => state === 'True Ready')) return states
  }
  return allReady(world)
}

describe('the operator on a quickstart', () => {
  test('brings everything up, whatever the order in which it is applied', async () => {
    for (const order of [
      [0, 1, 2, 3],
      [3, 2, 1, 0],
    ]) {
      await using world = operatorWorld()
      const objects = [strongroom(), database(), certificate(fast), permission()]
      for (const index of order) await world.create(objects[index] ?? strongroom())
      assert.deepEqual(await untilReady(world), ready)
    }
  })

  test('gives the database the key of its escrow and the program what it may do', async () => {
    await using world = operatorWorld()
    await quickstart(world)
    await untilReady(world)
    const escrow = await world.secret('orders-database-key')
    assert.equal(
      world.admin.keyOf('orders'),
      secretBytes(escrow, 'database.key')?.toString('base64'),
    )
    const [record] = await world.admin.certificates()
    assert.deepEqual(
      [record?.name, record?.clearance, record?.permissions],
      ['shop', 'ValidUser', { orders: 'ReadWrite' }],
    )
    const shop = await world.secret('shop-tls')
    assert.deepEqual(Object.keys(shop?.data ?? {}).sort(), [
      'ca.crt',
      'client.pem',
      'keystore.p12',
      'tls.crt',
      'tls.key',
    ])
    assert.equal(await world.secret('shop-next-key'), undefined)
  })

  test('sends no mutating request once everything is as declared', async () => {
    await using world = operatorWorld()
    await quickstart(world)
    await world.work(20)
    const [writes, calls] = [world.kube.writes.length, world.admin.calls.length]
    await world.work(120)
    assert.deepEqual([world.kube.writes.slice(writes), world.admin.calls.slice(calls)], [[], []])
  })

  test('reaches the same state when any one write fails once', async () => {
    const writes = await (async () => {
      await using world = operatorWorld()
      await quickstart(world)
      await untilReady(world)
      return [
        ...new Set(
          world.kube.writes.filter(
            (write) => !/^create Strongroom|PersistentVolumeClaim|apply Pod/.test(write),
          ),
        ),
      ]
    })()
    for (const write of writes) {
      await using world = operatorWorld()
      world.kube.failures.set(write, new KubeError(500, 'InternalError', 'etcd is away'))
      await quickstart(world)
      assert.deepEqual(await untilReady(world), ready, `after a failure of "${write}"`)
      assert.equal(world.kube.failures.size, 0, `"${write}" was never tried`)
    }
  })

  test('reaches the same state when any one change of the server fails once', async () => {
    for (const call of ['create orders', 'put shop']) {
      await using world = operatorWorld()
      world.admin.failures.set(call, new Error('the connection broke'))
      await quickstart(world)
      assert.deepEqual(await untilReady(world), ready, `after a failure of "${call}"`)
    }
  })

  test('has no secret in any event or status', async () => {
    await using world = operatorWorld()
    await quickstart(world)
    await untilReady(world)
    const master = await world.secret('vault-master-key')
    const escrow = await world.secret('orders-database-key')
    const keys = [...Object.values(master?.data ?? {}), ...Object.values(escrow?.data ?? {})]
      .map((value) => Buffer.from(value, 'base64'))
      .filter(({ length }) => length === 32)
    assert.equal(keys.length, 2)
    const resources = await Promise.all([
      world.get(strongrooms, 'vault'),
      world.get(strongroomDatabases, 'orders'),
      world.get(statefulSets, 'vault'),
    ])
    const shown = JSON.stringify([resources, world.events])
    for (const key of keys)
      for (const form of ['base64', 'hex'] as const) assert.ok(!shown.includes(key.toString(form)))
  })
})

describe('the operator when rights change', () => {
  test('takes the rights back with the permission, at the next look', async () => {
    await using world = operatorWorld()
    await quickstart(world)
    await untilReady(world)
    await world.kube.delete(strongroomPermissions, { name: 'shop-orders', namespace })
    await world.work(3)
    assert.deepEqual((await world.admin.certificates())[0]?.permissions, {})
    assert.equal(await world.get(strongroomPermissions, 'shop-orders'), undefined)
  })

  test('repairs within a minute what somebody changed on the server', async () => {
    await using world = operatorWorld()
    await quickstart(world)
    await untilReady(world)
    const [record] = await world.admin.certificates()
    world.admin.tamper(record?.thumbprint ?? '', { clearance: 'ClusterAdmin' })
    await world.work(60)
    assert.equal((await world.admin.certificates())[0]?.clearance, 'ValidUser')
    assert.ok(world.events.includes('StrongroomCertificate shop RightsApplied'))
  })

  test('revokes the certificate with its resource, and leaves the Secret', async () => {
    await using world = operatorWorld()
    await quickstart(world)
    await untilReady(world)
    await world.kube.delete(strongroomCertificates, { name: 'shop', namespace })
    await world.work(3)
    assert.deepEqual(await world.admin.certificates(), [])
    assert.equal(await world.get(strongroomCertificates, 'shop'), undefined)
    assert.ok(await world.secret('shop-tls'))
  })

  test('lets a permission for somebody registered elsewhere go only after its rights are gone', async () => {
    await using world = operatorWorld()
    await quickstart(world)
    await untilReady(world)
    const [record] = await world.admin.certificates()
    const spec = {
      subject: { thumbprint: record?.thumbprint ?? '' },
      databases: [{ name: 'billing', access: 'Read' as const }],
    }
    await world.kube.delete(strongroomCertificates, { name: 'shop', namespace })
    await world.work(3)
    await world.admin.putCertificate(
      Buffer.from(
        secretText(await world.secret('shop-tls'), 'tls.crt').replace(/-----[A-Z ]+-----/g, ''),
        'base64',
      ),
      { name: 'legacy', clearance: 'ValidUser', permissions: {} },
    )
    await world.create(permission({ metadata: { name: 'legacy' }, spec }))
    await world.work(5)
    assert.deepEqual((await world.admin.certificates())[0]?.permissions, { billing: 'Read' })
    world.admin.isReachable = false
    await world.kube.delete(strongroomPermissions, { name: 'legacy', namespace })
    await world.work(5)
    assert.ok(await world.get(strongroomPermissions, 'legacy'), 'it waits for the server')
    world.admin.isReachable = true
    await world.work(5)
    assert.deepEqual((await world.admin.certificates())[0]?.permissions, {})
    assert.equal(await world.get(strongroomPermissions, 'legacy'), undefined)
  })
})

describe('the operator and time', () => {
  test('renews a client certificate at two thirds, keeps both during the overlap and drops the old one at its end', async () => {
    await using world = operatorWorld()
    for (const object of [
      strongroom(),
      database(),
      certificate({ spec: { ...fast.spec, duration: '6m' } }),
      permission(),
    ])
      await world.create(object)
    await untilReady(world)
    const first = (await world.get<StrongroomCertificate>(strongroomCertificates, 'shop'))?.status
      ?.thumbprint
    await world.time.pass(4 * 60_000)
    const shop = () => world.get<StrongroomCertificate>(strongroomCertificates, 'shop')
    for (let second = 0; second < 30 && (await shop())?.status?.thumbprint === first; second += 1)
      await world.work(1)
    await untilReady(world)
    const renewed = await shop()
    assert.notEqual(renewed?.status?.thumbprint, first)
    assert.deepEqual(
      renewed?.status?.superseded?.map(({ thumbprint }) => thumbprint),
      [first],
    )
    assert.deepEqual(
      (await world.admin.certificates()).map(({ permissions }) => permissions),
      [{ orders: 'ReadWrite' }, { orders: 'ReadWrite' }],
    )
    await world.time.pass(3 * 60_000)
    await world.work(10)
    const after = await world.admin.certificates()
    assert.ok(!after.some(({ thumbprint }) => thumbprint === first))
    assert.equal(renewed?.status?.revision, 2)
  })
})

describe('the operator when something is lost', () => {
  test('stops at a lost master key and makes no other', async () => {
    await using world = operatorWorld()
    await quickstart(world)
    await untilReady(world)
    await world.kube.delete(secrets, { name: 'vault-master-key', namespace })
    await world.work(5)
    assert.equal(await world.ready(strongrooms, 'vault'), 'False KeyMissing')
    assert.equal(await world.secret('vault-master-key'), undefined)
    assert.ok(world.events.includes('Strongroom vault KeyMissing'))
  })

  test('stops at a lost escrow and makes no other key', async () => {
    await using world = operatorWorld()
    await quickstart(world)
    await untilReady(world)
    await world.kube.delete(secrets, { name: 'orders-database-key', namespace })
    await world.work(60)
    assert.equal(await world.ready(strongroomDatabases, 'orders'), 'False EscrowMissing')
    assert.equal(await world.secret('orders-database-key'), undefined)
  })

  test('stops at another store and makes nothing on it until that very one is accepted', async () => {
    await using world = operatorWorld()
    await quickstart(world)
    await untilReady(world)
    world.admin.storeId = 'store-2'
    await world.admin.deleteDatabase('orders')
    await world.work(60)
    assert.equal(await world.ready(strongrooms, 'vault'), 'False DataLost')
    assert.equal(await world.ready(strongroomDatabases, 'orders'), 'False DataLost')
    assert.deepEqual((await world.admin.state()).Databases, [])
    await world.kube.patch(
      strongrooms,
      { name: 'vault', namespace },
      { metadata: { annotations: { [annotation.acceptDataLoss]: 'store-2' } } },
    )
    await world.work(60)
    assert.deepEqual(await allReady(world), ready)
    assert.equal((await world.admin.state()).Databases[0]?.Name, 'orders')
  })

  test('never replaces a Secret of somebody else', async () => {
    await using world = operatorWorld()
    await world.create(secret('shop-tls', { 'tls.crt': 'theirs', 'tls.key': 'theirs' }))
    await quickstart(world)
    await untilReady(world)
    assert.equal(await world.ready(strongroomCertificates, 'shop'), 'False SecretOwnedByOther')
    assert.equal(secretText(await world.secret('shop-tls'), 'tls.crt'), 'theirs')
  })
})

describe('the operator and Secrets of users', () => {
  test('notices within a second that one changed, and no longer looks once it is not named', async () => {
    await using world = operatorWorld()
    await quickstart(world)
    await untilReady(world)
    await world.kube.patch(
      strongrooms,
      { name: 'vault', namespace },
      { spec: { tls: { server: { selfSigned: null, secretRef: { name: 'mine' } } } } },
    )
    await world.work(2)
    assert.equal(await world.ready(strongrooms, 'vault'), 'False SecretNotFound')
    await world.create(secret('mine', { 'tls.crt': 'nonsense', 'tls.key': 'nonsense' }))
    await world.work(2)
    assert.equal(await world.ready(strongrooms, 'vault'), 'False SecretInvalid')
    await world.kube.patch(
      strongrooms,
      { name: 'vault', namespace },
      { spec: { tls: { server: { secretRef: null, selfSigned: {} } } } },
    )
    assert.deepEqual(await untilReady(world), ready)
  })
})

describe('the operator and ends', () => {
  test('keeps volumes, keys and databases by default', async () => {
    await using world = operatorWorld()
    await quickstart(world)
    await untilReady(world)
    for (const [kind, name] of [
      [strongroomDatabases, 'orders'],
      [strongrooms, 'vault'],
    ] as const)
      await world.kube.delete(kind, { name, namespace })
    await world.work(10)
    assert.equal(await world.get<Strongroom>(strongrooms, 'vault'), undefined)
    assert.ok(await world.get(persistentVolumeClaims, 'data-vault-0'))
    assert.ok(await world.secret('vault-master-key'))
    assert.ok(await world.secret('orders-database-key'))
    assert.equal((await world.admin.state()).Databases.length, 1)
  })

  test('deletes volumes with Delete, and keys never', async () => {
    await using world = operatorWorld()
    for (const object of [
      strongroom({ spec: { deletionPolicy: 'Delete' } }),
      database({ spec: { reclaimPolicy: 'Delete' } }),
    ])
      await world.create(object)
    await world.work(15)
    await world.kube.delete(strongroomDatabases, { name: 'orders', namespace })
    await world.work(5)
    assert.deepEqual((await world.admin.state()).Databases, [])
    await world.kube.delete(strongrooms, { name: 'vault', namespace })
    await world.work(10)
    assert.equal(await world.get(strongrooms, 'vault'), undefined)
    assert.equal(await world.get(persistentVolumeClaims, 'data-vault-0'), undefined)
    assert.ok(await world.secret('vault-master-key'))
    assert.ok(await world.secret('orders-database-key'))
  })
})
