import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askServer, recordsAndStore } from '#operator/admin/ask.ts'
import { pods, secrets } from '#operator/kube/kinds.ts'
import { FakeAdmin } from '#test/support/fake-admin.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import { pod, syncedCache, trustObjects } from '#test/support/synced-cache.ts'

const vault = { name: 'vault', namespace: 'shop' }

async function scene(isReady: boolean) {
  const kube = new FakeKube()
  await kube.create(pods, pod(isReady))
  const [operator = assert.fail(), trust = assert.fail()] = trustObjects()
  await kube.create(secrets, operator)
  await kube.create(secrets, trust)
  return syncedCache(kube)
}

test('askServer() gives the answer of a ready member, and the member for more', async () => {
  await using it = await scene(true)
  const admin = new FakeAdmin()
  const asked = await askServer({ cache: it.cache, connect: () => admin }, vault, recordsAndStore)
  assert.deepEqual(asked, {
    admin,
    answer: { records: [], storeId: 'store-1', storeCommit: 5 },
    unreachable: undefined,
  })
})

test('askServer() says in words why there is no answer, and never throws', async () => {
  await using ready = await scene(true)
  await using starting = await scene(false)
  const admin = new FakeAdmin()
  const cases: readonly [typeof ready, () => Promise<unknown>, string][] = [
    [starting, () => assert.fail('it was asked'), 'No member of the cluster is ready'],
    [ready, () => Promise.reject(new Error('refused')), 'refused'],
    [ready, () => Promise.reject('a text'), 'a text'],
  ]
  for (const [{ cache }, question, unreachable] of cases) {
    const asked = await askServer({ cache, connect: () => admin }, vault, question)
    assert.deepEqual([asked.answer, asked.unreachable], [undefined, unreachable])
  }
})
