import assert from 'node:assert/strict'
import { test } from 'node:test'
import { metricsRoutes } from '#server/http/routes/metrics.ts'
import { routeServer } from '#test/support/route-server.ts'

test('metricsRoutes() answer text under its own content type, for the registered only', async () => {
  const routes = metricsRoutes({
    text: async () => ({ type: 'text/plain; version=0.0.4', body: 'a 1\n' }),
  })
  assert.deepEqual(routes[0]?.action, { level: 'Registered' })
  await using server = await routeServer(routes)
  const answer = await server.inject('/metrics')
  assert.equal(answer.headers['content-type'], 'text/plain; version=0.0.4')
  assert.equal(answer.body, 'a 1\n')
})
