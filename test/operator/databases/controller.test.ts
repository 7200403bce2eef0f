import assert from 'node:assert/strict'
import { test } from 'node:test'
import { strongroomDatabases } from '#operator/api/database.ts'
import { strongrooms } from '#operator/api/strongroom.ts'
import { reconcileDatabase, wakeDatabases } from '#operator/databases/controller.ts'
import { secrets } from '#operator/kube/kinds.ts'
import { WorkQueue } from '#operator/runtime/queue.ts'
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
  const means = {
    report: async () => undefined,
    kube,
    cache: synced.cache,
    clock: synced.time,
    connect: () => new FakeAdmin(),
  }
  return {
    kube,
    means,
    time: synced.time,
    [Symbol.asyncDispose]: () => synced[Symbol.asyncDispose](),
  }
}

test('wakeDatabases() wakes with the database, its cluster and the Secret of its key', async () => {
  await using it = await scene()
  const woken: string[] = []
  const queue = new WorkQueue({ timers: it.time, now: it.time.now })
  queue.add = (key) => void woken.push(key)
  wakeDatabases(it.means, queue)
  const labels = { 'app.kubernetes.io/managed-by': 'strongroom-operator' }
  const annotations = { 'strongroom.dev/source': 'StrongroomDatabase/other' }
  await it.kube.create(secrets, secret('other-database-key', {}, { labels, annotations }))
  await it.time.pass(1)
  assert.deepEqual(woken.splice(0), ['shop/other'])
  await it.kube.patch(
    strongrooms,
    { name: 'vault', namespace: 'shop' },
    { metadata: { labels: { a: 'b' } } },
  )
  await it.time.pass(1)
  assert.deepEqual(woken.splice(0).toSorted(), ['shop/orders', 'shop/other', 'shop/same'])
})

test('reconcileDatabase() is done with what is gone, and comes back soon to what waits', async () => {
  await using it = await scene()
  assert.deepEqual(await reconcileDatabase('shop/none', it.means), { kind: 'done' })
  assert.deepEqual(await reconcileDatabase('shop/orders', it.means), {
    kind: 'again',
    afterMs: 1000,
  })
  assert.equal((await reconcileDatabase('shop/same', it.means)).kind, 'stalled')
})
