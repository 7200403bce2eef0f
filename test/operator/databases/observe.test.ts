import assert from 'node:assert/strict'
import { test } from 'node:test'
import { strongroomDatabases } from '#operator/api/database.ts'
import { strongrooms } from '#operator/api/strongroom.ts'
import { observe, serverName } from '#operator/databases/observe.ts'
import { secrets } from '#operator/kube/kinds.ts'
import { FakeAdmin } from '#test/support/fake-admin.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import { database, secret, strongroom } from '#test/support/resources.ts'
import { syncedCache } from '#test/support/synced-cache.ts'

async function scene() {
  const kube = new FakeKube()
  await kube.create(strongrooms, strongroom())
  const rivals = [
    ['orders', {}],
    ['same', { name: 'ORDERS' }],
    ['elsewhere', { name: 'orders', clusterRef: { name: 'other' } }],
    ['other', {}],
  ] as const
  for (const [name, spec] of rivals)
    await kube.create(strongroomDatabases, database({ metadata: { name }, spec }))
  const synced = await syncedCache(kube)
  const means = { kube, cache: synced.cache, clock: synced.time, connect: () => new FakeAdmin() }
  return {
    kube,
    means,
    time: synced.time,
    [Symbol.asyncDispose]: () => synced[Symbol.asyncDispose](),
  }
}

test('observe() sees the database with its cluster and those that declare the same, whatever the case', async () => {
  await using it = await scene()
  const observed = (await observe('shop/orders', it.means)) ?? assert.fail()
  assert.equal(observed.cluster?.metadata.name, 'vault')
  assert.deepEqual(
    observed.rivals.map(({ metadata }) => metadata.name),
    ['same'],
  )
  assert.deepEqual(
    [observed.server, observed.unreachable],
    [undefined, 'No member of the cluster is ready'],
  )
  assert.equal(await observe('shop/none', it.means), undefined)
})

test('observe() reads the escrow itself, labelled or not', async () => {
  await using it = await scene()
  assert.equal((await observe('shop/orders', it.means))?.escrow, undefined)
  await it.kube.create(secrets, secret('orders-database-key', { 'database.key': 'restored' }))
  assert.ok((await observe('shop/orders', it.means))?.escrow)
})

test('serverName() is the name that is declared, or else the resource’s own', () => {
  assert.equal(serverName(database()), 'orders')
  assert.equal(serverName(database({ spec: { name: 'Orders 2' } })), 'Orders 2')
})
