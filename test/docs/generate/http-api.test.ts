import assert from 'node:assert/strict'
import { test } from 'node:test'
import { httpApiPage } from '#docs/generate/http-api.ts'
import * as actions from '#server/access/actions.ts'
import type { Routes } from '#server/http/route.ts'

const handle = (): void => undefined

test('httpApiPage() lists routes by path and method, and who may', () => {
  const routes: Routes = [
    { method: 'PUT', path: '/databases/:database/docs', action: actions.writeDatabase, handle },
    { method: 'GET', path: '/databases/:database/docs', action: actions.readDatabase, handle },
    { method: 'GET', path: '/a', action: { level: 'Read', database: 'query' }, handle },
    { method: 'GET', path: '/b', action: actions.open, handle },
    { method: 'GET', path: '/c', action: actions.anyone, handle },
    { method: 'GET', path: '/d', action: actions.registered, handle },
    { method: 'GET', path: '/e', action: actions.clusterAdmin, handle },
  ]
  assert.deepEqual(httpApiPage(routes).split('\n').slice(-8), [
    '| GET | `/a` | Read, database in `?name=` |',
    '| GET | `/b` | anybody, without a certificate |',
    '| GET | `/c` | anybody, and is told who he is |',
    '| GET | `/d` | any registered certificate |',
    '| GET | `/databases/{database}/docs` | Read, database in the path |',
    '| PUT | `/databases/{database}/docs` | ReadWrite, database in the path |',
    '| GET | `/e` | ClusterAdmin |',
    '',
  ])
})
