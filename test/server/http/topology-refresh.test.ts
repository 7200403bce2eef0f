import assert from 'node:assert/strict'
import { test } from 'node:test'
import { topologyRefresh } from '#server/http/topology-refresh.ts'

const refresh = { 'refresh-topology': 'true' }
const docs = '/databases/:database/docs'

for (const [headers, route, expected] of [
  [{}, docs, {}],
  [{ 'topology-etag': '"7"' }, docs, {}],
  [{ 'topology-etag': '7' }, docs, {}],
  [{ 'topology-etag': '"6"' }, docs, refresh],
  [{ 'topology-etag': '"-2"' }, docs, refresh],
  [{ 'topology-etag': '"8"' }, docs, {}],
  [{ 'topology-etag': 'garbage' }, docs, {}],
  [{ 'cluster-topology-etag': '"1"' }, docs, {}],
  [{ 'topology-etag': '"8"', 'cluster-topology-etag': '"1"' }, docs, {}],
  [{ 'cluster-topology-etag': '"7"' }, '/build/version', {}],
  [{ 'cluster-topology-etag': '"1"' }, '/build/version', refresh],
  [{ 'cluster-topology-etag': '"1"' }, '/databases', refresh],
  [{ 'topology-etag': '"1"' }, '/databases', {}],
  [{ 'topology-etag': '"1"' }, '/admin/databases', {}],
  [{ 'cluster-topology-etag': '"0"' }, '/cluster/node-info', refresh],
  // Clients hold a lock while they ask these two: told to ask again, they would wait for themselves.
  [{ 'topology-etag': '"0"', 'cluster-topology-etag': '"0"' }, '/topology', {}],
  [{ 'topology-etag': '"0"', 'cluster-topology-etag': '"0"' }, '/cluster/topology', {}],
] as const) {
  test(`topologyRefresh() answers ${JSON.stringify(headers)} on ${route} with ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(topologyRefresh(headers, { route, etag: 7 }), expected)
  })
}
