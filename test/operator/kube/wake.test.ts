import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type StrongroomDatabase, strongroomDatabases } from '#operator/api/database.ts'
import { secrets } from '#operator/kube/kinds.ts'
import { wakeWhere, wakeWithItself, wakeWithSecrets } from '#operator/kube/wake.ts'
import { WorkQueue } from '#operator/runtime/queue.ts'
import { databaseScene } from '#test/support/database-scene.ts'
import { secret } from '#test/support/resources.ts'

async function scene() {
  const { kube, means, time, [Symbol.asyncDispose]: dispose } = await databaseScene()
  const woken: string[] = []
  const queue = new WorkQueue({ timers: time, now: time.now })
  queue.add = (key) => void woken.push(key)
  const waking = { cache: means.cache, queue }
  return { kube, time, waking, woken, [Symbol.asyncDispose]: dispose }
}

test('wakeWithItself() wakes the resource that changed, and no other', async () => {
  await using it = await scene()
  wakeWithItself(it.waking, strongroomDatabases)
  const change = { metadata: { labels: { a: 'b' } } }
  it.woken.splice(0)
  await it.kube.patch(strongroomDatabases, { name: 'orders', namespace: 'shop' }, change)
  await it.time.pass(1)
  assert.deepEqual(it.woken, ['shop/orders'])
})

test('wakeWithSecrets() wakes the resource of its kind that a Secret was made for', async () => {
  await using it = await scene()
  wakeWithSecrets(it.waking, strongroomDatabases)
  const labels = { 'app.kubernetes.io/managed-by': 'strongroom-operator' }
  const make = (name: string, annotations: Record<string, string>) =>
    it.kube.create(secrets, secret(name, {}, { labels, annotations }))
  await make('nobodys', {})
  await make('of-another-kind', { 'strongroom.dev/source': 'StrongroomCertificate/other' })
  await make('its', { 'strongroom.dev/source': 'StrongroomDatabase/other' })
  await it.time.pass(1)
  assert.deepEqual(it.woken, ['shop/other'])
})

test('wakeWhere() wakes those of one namespace that are concerned', async () => {
  await using it = await scene()
  const ofVault = ({ spec }: StrongroomDatabase) => spec.clusterRef.name === 'vault'
  const wake = (namespace: string): void =>
    wakeWhere(it.waking, { kind: strongroomDatabases, namespace }, ofVault)
  wake('elsewhere')
  assert.deepEqual(it.woken, [])
  wake('shop')
  assert.deepEqual(it.woken.toSorted(), ['shop/orders', 'shop/other', 'shop/same'])
})
