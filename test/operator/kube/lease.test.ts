import assert from 'node:assert/strict'
import { test } from 'node:test'
import { leases } from '#operator/kube/kinds.ts'
import { KubeError, type KubeObject } from '#operator/kube/kube.ts'
import { leaseStore } from '#operator/kube/lease.ts'
import { type LeaderMeans, lead, release } from '#operator/runtime/leader.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import { type FakeTime, fakeTime } from '#test/support/fake-timers.ts'

const ref = { name: 'strongroom-operator', namespace: 'system' }
const record = {
  holder: 'a',
  transitions: 2,
  renewedAt: Date.UTC(2026, 0, 1),
  acquiredAt: Date.UTC(2025, 0, 1),
}

test('leaseStore() writes the lease as Kubernetes has it, and reads it back', async () => {
  const kube = new FakeKube()
  const store = leaseStore(kube, ref, 15)
  assert.equal(await store.read(), undefined)
  assert.equal(await store.write(record, undefined), true)
  const lease = await kube.get<KubeObject & { readonly spec: unknown }>(leases, ref)
  assert.deepEqual(lease?.spec, {
    holderIdentity: 'a',
    leaseTransitions: 2,
    leaseDurationSeconds: 15,
    renewTime: '2026-01-01T00:00:00.000000Z',
    acquireTime: '2025-01-01T00:00:00.000000Z',
  })
  assert.deepEqual((await store.read())?.record, record)
})

test('leaseStore() reads a lease that somebody made without anything in it', async () => {
  const kube = new FakeKube()
  await kube.create(leases, { apiVersion: leases.apiVersion, kind: 'Lease', metadata: ref })
  const found = await leaseStore(kube, ref, 15).read()
  assert.deepEqual(found?.record, { holder: '', transitions: 0, renewedAt: 0, acquiredAt: 0 })
})

test('leaseStore() says false where another was faster, and passes on what else fails', async () => {
  const kube = new FakeKube()
  const store = leaseStore(kube, ref, 15)
  await store.write(record, undefined)
  assert.equal(await store.write(record, undefined), false, 'it exists')
  const before = await store.read()
  assert.equal(await store.write({ ...record, holder: 'b' }, before?.version), true)
  assert.equal(await store.write({ ...record, holder: 'c' }, before?.version), false, 'it changed')
  assert.equal((await store.read())?.record.holder, 'b')
  kube.failures.set('patch Lease', new KubeError(500, 'InternalError', 'etcd is away'))
  await assert.rejects(store.write(record, (await store.read())?.version), /etcd is away/)
})

test('lead() over leases of a cluster lets at most one of three lead, through every handover', async () => {
  const kube = new FakeKube()
  const time = fakeTime()
  const leading = new Set<string>()
  let most = 0
  const run = async (identity: string): Promise<() => Promise<void>> => {
    const stop = new AbortController()
    const means = candidate(identity, kube, time)
    void lead(means, stop.signal).then(async (led) => {
      if (led === undefined) return
      leading.add(identity)
      most = Math.max(most, leading.size)
      await led.lost
      leading.delete(identity)
    })
    return async () => {
      stop.abort()
      await release(means)
    }
  }
  const replicas = new Map<string, () => Promise<void>>()
  for (const identity of ['a', 'b', 'c']) replicas.set(identity, await run(identity))
  const leaders: string[] = []
  for (let turn = 0; turn < 3; turn += 1) {
    await time.pass(20_000)
    const [leader = ''] = leading
    leaders.push(leader)
    await replicas.get(leader)?.()
  }
  assert.equal(most, 1)
  assert.deepEqual(leaders.toSorted(), ['a', 'b', 'c'])
})

function candidate(identity: string, kube: FakeKube, time: FakeTime): LeaderMeans {
  return {
    identity,
    leases: leaseStore(kube, ref, 15),
    clock: time,
    timers: time,
    leaseMs: 15_000,
    renewDeadlineMs: 10_000,
    retryMs: 2_000,
    failed: () => undefined,
  }
}
