import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describedRoutes } from '#docs/generate/described-routes.ts'
import { routeServer } from '#test/support/route-server.ts'

const name = ({ method, path }: { readonly method: string; readonly path: string }) =>
  `${method} ${path}`

test('allRoutes() each name what they ask of their caller', () => {
  for (const route of describedRoutes()) assert(route.action?.level, name(route))
})

test('allRoutes() ask for access to a database exactly where their path names one', () => {
  for (const route of describedRoutes()) {
    const inPath = 'database' in route.action && route.action.database === 'path'
    assert.equal(inPath, route.path.startsWith('/databases/:database/'), name(route))
  }
})

test('allRoutes() leave only probes open to strangers', () => {
  const open = describedRoutes().filter(({ action }) => action.level === 'Open')
  assert.deepEqual(open.map(name).sort(), [
    'GET /health/live',
    'GET /health/ready',
    'GET /setup/alive',
  ])
  const anyone = describedRoutes().filter(({ action }) => action.level === 'Anyone')
  assert.deepEqual(anyone.map(name), ['GET /', 'GET /certificates/whoami'])
})

test('allRoutes() are each there once, and reach the router with their action', async () => {
  const routes = describedRoutes()
  assert.equal(new Set(routes.map(name)).size, routes.length)
  await using server = await routeServer(routes)
  for (const { method, path, action } of routes) {
    const found = server.findRoute({ method: method as 'GET', url: path })
    assert.notEqual(found, null, name({ method, path }))
    assert.notEqual(action, undefined)
  }
})
