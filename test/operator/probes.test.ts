import assert from 'node:assert/strict'
import { test } from 'node:test'
import { probeServer } from '#operator/probes.ts'

async function asked(
  path: string,
  { isReady = true, metrics = async () => 'up 1\n' } = {},
): Promise<[status: number, body: string]> {
  await using server = await probeServer(0, { isReady: () => isReady, metrics })
  const answer = await fetch(`http://127.0.0.1:${server.port}${path}`)
  return [answer.status, await answer.text()]
}

test('probeServer() answers what kubelet and Prometheus ask', async () => {
  assert.deepEqual(await asked('/healthz'), [204, ''])
  assert.deepEqual(await asked('/healthz', { isReady: false }), [204, ''])
  assert.deepEqual(await asked('/readyz'), [204, ''])
  assert.deepEqual(await asked('/readyz', { isReady: false }), [503, ''])
  assert.deepEqual(await asked('/metrics'), [200, 'up 1\n'])
  assert.deepEqual(await asked('/metrics?format=text'), [200, 'up 1\n'])
  assert.deepEqual(await asked('/secrets'), [404, ''])
})

test('probeServer() answers 500 where the metrics fail, and goes on', async () => {
  const metrics = async (): Promise<string> => {
    throw new Error('no numbers')
  }
  assert.deepEqual(await asked('/metrics', { metrics }), [500, ''])
})

test('probeServer() says when its port is taken', async () => {
  const answers = { isReady: () => true, metrics: async () => '' }
  await using first = await probeServer(0, answers)
  await assert.rejects(probeServer(first.port, answers), /EADDRINUSE/)
})
