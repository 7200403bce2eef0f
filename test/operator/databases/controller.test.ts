import assert from 'node:assert/strict'
import { test } from 'node:test'
import { strongrooms } from '#operator/api/strongroom.ts'
import { reconcileDatabase, wakeDatabases } from '#operator/databases/controller.ts'
import { secrets } from '#operator/kube/kinds.ts'
import { WorkQueue } from '#operator/runtime/queue.ts'
import { databaseScene } from '#test/support/database-scene.ts'
import { secret } from '#test/support/resources.ts'

test('wakeDatabases() wakes with the database, its cluster and the Secret of its key', async () => {
  await using it = await databaseScene()
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

test('reconcileDatabase() is done with what is gone, and waits for what it needs', async () => {
  await using it = await databaseScene()
  assert.deepEqual(await reconcileDatabase('shop/none', it.means), { kind: 'done' })
  assert.deepEqual(await reconcileDatabase('shop/orders', it.means), {
    kind: 'waiting',
    for: 'ClusterNotReady',
  })
  assert.equal((await reconcileDatabase('shop/same', it.means)).kind, 'stalled')
})
