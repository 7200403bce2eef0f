import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FastifyRequest } from 'fastify'
import { awaitReplicas, replicaWait } from '#server/http/batch-wait.ts'
import { parsedQuery } from '#server/http/query-values.ts'
import { replicaWaitMsMax } from '#server/limits.ts'

const read = (query: string) => replicaWait({ query: parsedQuery(query) } as FastifyRequest)
const second = 'waitForReplicasTimeout=00:00:01'

for (const query of [
  '',
  'numberOfReplicasToWaitFor=1',
  `${second}&numberOfReplicasToWaitFor=majority`,
  `${second}&numberOfReplicasToWaitFor=Majority&throwOnTimeoutInWaitForReplicas=true`,
  `${second}&numberOfReplicasToWaitFor=0`,
  `${second}&numberOfReplicasToWaitFor=-1`,
  'waitForIndexesTimeout=00:00:30&waitForIndexThrow=true&waitForSpecificIndex=Orders',
]) {
  test(`replicaWait() is satisfied at once by "${query}"`, () => {
    assert.equal(read(query), undefined)
  })
}

for (const [query, replicas, timeoutMs, throwOnTimeout] of [
  [second, 1, 1_000, true],
  [`${second}&numberOfReplicasToWaitFor=5`, 5, 1_000, true],
  [`${second}&throwOnTimeoutInWaitForReplicas=false`, 1, 1_000, false],
  ['waitForReplicasTimeout=-00:00:01', 1, 0, true],
  ['waitForReplicasTimeout=9', 1, replicaWaitMsMax, true],
] as const) {
  test(`replicaWait() reads "${query}"`, () => {
    assert.deepEqual(read(query), { replicas, timeoutMs, throwOnTimeout })
  })
}

for (const query of [
  `${second}&numberOfReplicasToWaitFor=some`,
  'waitForReplicasTimeout=soon',
  'waitForIndexesTimeout=soon',
  `${second}&throwOnTimeoutInWaitForReplicas=maybe`,
]) {
  test(`replicaWait() refuses "${query}"`, () => {
    assert.throws(() => read(query), { code: 'QueryValueInvalid' })
  })
}

test('awaitReplicas() lasts its time, and fails only where that was asked for', async () => {
  const wait = { replicas: 1, timeoutMs: 30 }
  const began = performance.now()
  const failing = awaitReplicas({ ...wait, throwOnTimeout: true })
  await assert.rejects(failing, { code: 'ReplicasNotReached' })
  await awaitReplicas({ ...wait, throwOnTimeout: false })
  assert.ok(performance.now() - began >= 2 * 30 - 5)
})
