import assert from 'node:assert/strict'
import { test } from 'node:test'
import { observe, serverName } from '#operator/databases/observe.ts'
import { secrets } from '#operator/kube/kinds.ts'
import { databaseScene } from '#test/support/database-scene.ts'
import { database, secret } from '#test/support/resources.ts'

test('observe() sees the database with its cluster and those that declare the same, whatever the case', async () => {
  await using it = await databaseScene()
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
  await using it = await databaseScene()
  assert.equal((await observe('shop/orders', it.means))?.escrow, undefined)
  await it.kube.create(secrets, secret('orders-database-key', { 'database.key': 'restored' }))
  assert.ok((await observe('shop/orders', it.means))?.escrow)
})

test('serverName() is the name that is declared, or else the resource’s own', () => {
  assert.equal(serverName(database()), 'orders')
  assert.equal(serverName(database({ spec: { name: 'Orders 2' } })), 'Orders 2')
})
