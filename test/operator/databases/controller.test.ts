import assert from 'node:assert/strict'
import { test } from 'node:test'
import { strongrooms } from '#operator/api/strongroom.ts'
import { outcomeOf, reconcileDatabase, wakeDatabases } from '#operator/databases/controller.ts'
import type { Observed } from '#operator/databases/observe.ts'
import { secrets } from '#operator/kube/kinds.ts'
import { WorkQueue } from '#operator/runtime/queue.ts'
import { databaseScene } from '#test/support/database-scene.ts'
import { database, secret } from '#test/support/resources.ts'

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
    quickLooks: 3,
  })
  assert.equal((await reconcileDatabase('shop/same', it.means)).kind, 'stalled')
})

test('outcomeOf() looks again within 5 s at what an administrator may accept on the server itself', () => {
  const resource = database({ metadata: { name: 'orders' } })
  const onServer = (Quarantine: string | null) =>
    ({
      database: resource,
      server: { Databases: [{ Name: 'orders', Quarantine }] },
    }) as unknown as Observed
  const decision = { kind: 'stalled', reason: 'DatabaseRolledBack', message: '' } as const
  const quarantined = outcomeOf(decision, onServer('DatabaseRolledBack'))
  assert.ok(quarantined.kind === 'stalled' && (quarantined.afterMs ?? 1e9) < 5_000)
  assert.deepEqual(outcomeOf(decision, onServer(null)), {
    kind: 'stalled',
    reason: 'DatabaseRolledBack',
  })
})
