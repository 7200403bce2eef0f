import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { describedRoutes } from '#docs/generate/described-routes.ts'
import type { Action } from '#server/access/actions.ts'
import { accessErrors } from '#server/access/errors.ts'
import type { Route } from '#server/http/route.ts'
import { unbuiltRoutes } from '#server/http/unbuilt-routes.ts'
import { routeServer } from '#test/support/route-server.ts'

/** Route of RavenDB 7.2.7 → status → identities that were answered so. */
const recorded = JSON.parse(
  readFileSync(path.join(import.meta.dirname, '../../peer/golden-7.2/matrix.json'), 'utf8'),
) as Readonly<Record<string, Readonly<Record<string, string>>>>

const unbuilt = unbuiltRoutes()
const nameOf = ({ method, path: url }: Pick<Route, 'method' | 'path'>) =>
  `${method} ${url.replace(':database', '*').replace(/\/\*$/, '/$')}`

/** From the least to the most. */
const levels = ['Open', 'Registered', 'Read', 'ReadWrite', 'Admin', 'Operator', 'ClusterAdmin']

test('unbuiltRoutes() and those that are built are all of RavenDB’s, and no route is both', () => {
  const built = describedRoutes().map(nameOf)
  const names = unbuilt.map(nameOf)
  assert.equal(new Set(names).size, names.length)
  assert.deepEqual(
    names.filter((name) => built.includes(name)),
    [],
  )
  const missing = Object.keys(recorded).filter(
    (name) => !built.includes(name) && !names.includes(name),
  )
  assert.deepEqual(missing, [])
})

test('unbuiltRoutes() exist in RavenDB', () => {
  assert.deepEqual(
    unbuilt.map(nameOf).filter((name) => recorded[name] === undefined),
    [],
  )
})

test('unbuiltRoutes() name the database where their path does', () => {
  for (const route of unbuilt) {
    const inDatabase = route.path.startsWith('/databases/:database/')
    if ('database' in route.action && route.action.database === 'path') assert.ok(inDatabase)
    // A browser asks by OPTIONS what it may send, and has no certificate then.
    if (inDatabase && route.method !== 'OPTIONS')
      assert.notEqual(route.action.level, 'Registered', nameOf(route))
  }
})

test('unbuiltRoutes() ask for no less than RavenDB does, but for reading, which it was recorded without', () => {
  for (const route of unbuilt) {
    const theirs = leastOf(recorded[nameOf(route)] ?? {})
    const ours = route.action.level === 'Read' ? 'ReadWrite' : route.action.level
    assert.ok(
      levels.indexOf(ours) >= levels.indexOf(theirs),
      `${nameOf(route)}: ${ours} here, ${theirs} there`,
    )
  }
})

test('unbuiltRoutes() change nothing for readers', () => {
  const reading = unbuilt.filter(
    ({ action, method }) => action.level === 'Read' && method !== 'GET',
  )
  assert.deepEqual(reading.map(nameOf).sort(), [
    'HEAD /databases/*/attachments',
    'HEAD /databases/*/streams/queries',
    'POST /databases/*/indexes/has-changed',
    'POST /databases/*/indexes/last-queried',
    'POST /databases/*/multi_get',
    'POST /databases/*/streams/queries',
    'POST /databases/*/timeseries/ranges',
  ])
})

test('httpServer() answers an unbuilt route with its feature, and only whoever is admitted', async () => {
  const asked: (Action | undefined)[] = []
  let refuses = false
  await using server = await routeServer(unbuilt, {
    admit: (request) => {
      asked.push(request.routeOptions.config.action)
      if (refuses) throw accessErrors.CertificateMissing()
    },
  })
  for (const route of unbuilt) {
    const url = route.path.replace(':database', 'Orders').replace('*', 'some/file')
    const call = () =>
      server.inject({
        method: route.method === 'RESET' ? ('PURGE' as 'GET') : (route.method as 'GET'),
        url,
      })
    const answer = await call()
    assert.equal(answer.statusCode, 501, nameOf(route))
    assert.equal(answer.headers['strongroom-error'], 'FeatureNotBuilt')
    if (route.method !== 'HEAD') {
      assert.ok(answer.json().Message.includes(route.unbuilt), answer.body)
      assert.equal(answer.json().Type, 'Raven.Client.Exceptions.NotImplementedException')
    }
    assert.deepEqual(asked.at(-1), route.action)
    refuses = true
    assert.equal((await call()).statusCode, 403, nameOf(route))
    refuses = false
  }
})

function leastOf(statuses: Readonly<Record<string, string>>): string {
  const refused = new Set((statuses['403'] ?? '').split(' '))
  const byIdentity = [
    ...[
      ['none', 'Open'],
      ['unknown', 'Open'],
      ['userOther', 'Registered'],
    ],
    ...[
      ['userReadWrite', 'ReadWrite'],
      ['userAdmin', 'Admin'],
    ],
    ...[
      ['operator', 'Operator'],
      ['clusterAdmin', 'ClusterAdmin'],
    ],
  ]
  return byIdentity.find(([identity = '']) => !refused.has(identity))?.[1] ?? 'nobody'
}
