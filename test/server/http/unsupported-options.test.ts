/** Nothing that a client can ask for is dropped: it is honoured, or refused with a code. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { describedRoutes } from '#docs/generate/described-routes.ts'
import type { Route } from '#server/http/route.ts'
import { routeServer } from '#test/support/route-server.ts'

/** The official client's sources of the requests that our routes answer. */
const sources: readonly (readonly [route: string, files: readonly string[]])[] = [
  ['POST /databases/:database/docs', ['Documents/Commands/GetDocumentsCommand']],
  ['HEAD /databases/:database/docs', ['Documents/Commands/HeadDocumentCommand']],
  ['PUT /databases/:database/docs', ['Documents/Commands/PutDocumentCommand']],
  ['DELETE /databases/:database/docs', ['Documents/Commands/DeleteDocumentCommand']],
  [
    'POST /databases/:database/bulk_docs',
    [
      'Documents/Commands/Batches/SingleNodeBatchCommand',
      'Documents/Commands/Batches/ClusterWideBatchCommand',
    ],
  ],
  [
    'POST /databases/:database/queries',
    ['Documents/Commands/AbstractQueryCommand', 'Documents/Commands/QueryCommand'],
  ],
  ['POST /databases/:database/identity/next', ['Documents/Commands/NextIdentityForCommand']],
  ['POST /databases/:database/identity/seed', ['Documents/Commands/SeedIdentityForCommand']],
  ['GET /topology', ['ServerWide/Commands/GetDatabaseTopologyCommand']],
  ['GET /databases', ['ServerWide/Operations/GetDatabaseNamesOperation']],
  ['PUT /admin/databases', ['ServerWide/Operations/CreateDatabaseOperation']],
]

/** What our routes honour, with the reason where nothing need be done for it. */
const honoured: Readonly<Record<string, readonly string[]>> = {
  'POST /databases/:database/docs': [
    ...['start', 'pageSize', 'startsWith', 'matches', 'exclude', 'startAfter', 'id', 'include'],
    'metadataOnly',
    // A hash of the body, for caches.
    'loadHash',
    // Bounds of what is refused.
    ...['from', 'to', 'timeType', 'timeValue', 'timeUnit', 'countType', 'countValue'],
  ],
  'HEAD /databases/:database/docs': ['id'],
  'PUT /databases/:database/docs': ['id'],
  'DELETE /databases/:database/docs': ['id'],
  'POST /databases/:database/bulk_docs': [
    ...['waitForReplicasTimeout', 'throwOnTimeoutInWaitForReplicas', 'numberOfReplicasToWaitFor'],
    // No index is ever behind.
    ...['waitForIndexesTimeout', 'waitForIndexThrow', 'waitForSpecificIndex'],
  ],
  'POST /databases/:database/queries': [
    'metadataOnly',
    // For caches and logs.
    ...['queryHash', 'tag'],
    // There are none.
    'addTimeSeriesNames',
  ],
  'POST /databases/:database/identity/next': ['name'],
  'POST /databases/:database/identity/seed': ['name', 'value', 'force'],
  // One member has one address, and is told nobody's name.
  'GET /topology': ['name', 'localUrl', 'applicationIdentifier'],
  'GET /databases': ['start', 'pageSize', 'namesOnly'],
  // One member holds one copy, whatever is wished.
  'PUT /admin/databases': ['name', 'replicationFactor'],
}

for (const [route, files] of sources) {
  test(`every option that the official client sends to ${route} is honoured or refused`, () => {
    const sent = files.flatMap(optionsIn)
    const known = new Set([...(honoured[route] ?? []), ...Object.keys(unsupportedBy(route))])
    assert.ok(sent.length > 0)
    assert.deepEqual(
      sent.filter((name) => !known.has(name)),
      [],
    )
  })
}

for (const { method, path: url, unsupported = {} } of describedRoutes()) {
  for (const [name, harmless] of Object.entries(unsupported)) {
    test(`${method} ${url} refuses ${name} before it reads the body`, async () => {
      let handled = 0
      const handle = () => {
        handled += 1
        return {}
      }
      const action = { level: 'Open' } as const
      const route: Route = { method, path: url, action, unsupported, handle }
      await using server = await routeServer([route])
      const ask = (value: string) => server.inject({ method: method as 'GET', url: value })
      const refused = await ask(`${url}?${name.toUpperCase()}=something`)
      assert.equal(refused.statusCode, 501)
      assert.equal(refused.headers['strongroom-error'], 'OptionNotSupported')
      assert.match(refused.json().Message, new RegExp(`"${name}"`))
      assert.equal(handled, 0)
      for (const value of harmless)
        assert.equal((await ask(`${url}?${name}=${value}`)).statusCode, 200)
    })
  }
}

function optionsIn(file: string): string[] {
  const source = path.join('node_modules/ravendb/dist/commonjs', `${file}.js`)
  const text = readFileSync(path.join(import.meta.dirname, '../../..', source), 'utf8')
  return [...new Set([...text.matchAll(/[?&]([A-Za-z]+)=/g)].map(([, name = '']) => name))]
}

function unsupportedBy(name: string) {
  return describedRoutes().find((one) => `${one.method} ${one.path}` === name)?.unsupported ?? {}
}
