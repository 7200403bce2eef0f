/** A cluster `vault` with four StrongroomDatabases, two of which declare the same database of it, and a cache that has seen them. */
import { Attempts } from '#operator/access/attempts.ts'
import { strongroomDatabases } from '#operator/api/database.ts'
import { strongrooms } from '#operator/api/strongroom.ts'
import { FakeAdmin } from './fake-admin.ts'
import { FakeKube } from './fake-kube.ts'
import { database, strongroom } from './resources.ts'
import { syncedCache } from './synced-cache.ts'

export async function databaseScene() {
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
    attempts: new Attempts({ clock: synced.time, random: () => 0.5 }),
    connect: () => new FakeAdmin(),
  }
  return {
    kube,
    means,
    time: synced.time,
    [Symbol.asyncDispose]: () => synced[Symbol.asyncDispose](),
  }
}
