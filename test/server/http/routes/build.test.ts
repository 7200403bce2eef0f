import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildRoutes } from '#server/http/routes/build.ts'
import { routeServer } from '#test/support/route-server.ts'

test('buildRoutes() answer probes with no body, and 503 while the server is not ready', async () => {
  let isReady = false
  await using server = await routeServer(buildRoutes({ isReady: () => isReady }))
  const ask = async (url: string) => {
    const { statusCode, body } = await server.inject(url)
    return [statusCode, body]
  }
  assert.deepEqual(await ask('/health/ready'), [503, ''])
  assert.deepEqual(await ask('/health/live'), [204, ''])
  assert.deepEqual(await ask('/setup/alive'), [204, ''])
  isReady = true
  assert.deepEqual(await ask('/health/ready'), [204, ''])
})

test('buildRoutes() say which version they speak', async () => {
  await using server = await routeServer(buildRoutes({ isReady: () => true }))
  const version = (await server.inject('/build/version')).json()
  assert.equal(version.FullVersion, '7.2.7')
  assert.equal(version.ProductVersion, '7.2')
})
