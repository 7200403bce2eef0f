import assert from 'node:assert/strict'
import { test } from 'node:test'
import { topologyRefresh } from '#server/http/topology-refresh.ts'

const refresh = { 'refresh-topology': 'true' }

for (const [headers, expected] of [
  [{}, {}],
  [{ 'topology-etag': '"7"' }, {}],
  [{ 'topology-etag': '7' }, {}],
  [{ 'topology-etag': '"6"' }, refresh],
  [{ 'topology-etag': '"8"' }, {}],
  [{ 'topology-etag': 'garbage' }, {}],
  [{ 'cluster-topology-etag': '"7"' }, {}],
  [{ 'cluster-topology-etag': '"1"' }, refresh],
] as const) {
  test(`topologyRefresh() answers ${JSON.stringify(headers)} with ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(topologyRefresh(headers, 7), expected)
  })
}
