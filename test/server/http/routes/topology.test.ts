import assert from 'node:assert/strict'
import { test } from 'node:test'
import { topologyRoutes } from '#server/http/routes/topology.ts'
import { routeServer } from '#test/support/route-server.ts'

const url = 'https://localhost:8443'
const served = () =>
  routeServer(
    topologyRoutes({
      url: ({ headers }) => `https://${headers.host}`,
      tcpUrl: 'tcp://localhost:38888',
      certificate: () => 'TUlJ',
      serverId: 'AAAAAAAAAAAAAAAAAAAAAA',
      etag: 7,
      findDatabase: (name) => (name.toLowerCase() === 'orders' ? { name: 'Orders' } : undefined),
      clock: { now: () => Date.UTC(2026, 0, 1) },
    }),
  )
const asked = { headers: { host: 'localhost:8443' } }

test('topologyRoutes() name the one member of a database, under the spelling of its creator', async () => {
  await using server = await served()
  const answer = await server.inject({
    url: '/topology?name=ORDERS&first-topology-update',
    ...asked,
  })
  const node = { Url: url, ClusterTag: 'A', ServerRole: 'Member', Database: 'Orders' }
  assert.deepEqual(answer.json(), { Promotables: [], Nodes: [node], Etag: 7 })
})

test('topologyRoutes() say that a database is missing in the way that clients understand', async () => {
  await using server = await served()
  for (const query of ['?name=nosuch', '?name=', '']) {
    const answer = await server.inject({ url: `/topology${query}`, ...asked })
    assert.equal(answer.statusCode, 503)
    assert.deepEqual(Object.keys(answer.json()), ['Type', 'Message'])
  }
  const answer = await server.inject({ url: '/topology?name=für', ...asked })
  assert.equal(answer.headers['database-missing'], 'f%C3%BCr')
})

test('topologyRoutes() describe a cluster of one, with objects where clients enumerate', async () => {
  await using server = await served()
  const topology = (await server.inject({ url: '/cluster/topology', ...asked })).json()
  assert.deepEqual(topology.Topology.Members, { A: url })
  assert.deepEqual(topology.Topology.AllNodes, { A: url })
  assert.deepEqual(
    [topology.Topology.Watchers, topology.Topology.Promotables, topology.Status],
    [{}, {}, {}],
  )
  assert.equal(topology.Etag, 7)
  assert.equal(topology.LeaderShipDuration, 0)
  assert.deepEqual(topology['@metadata'], {
    DateTime: '2026-01-01T00:00:00.0000000Z',
    WebUrl: url,
    NodeTag: 'A',
  })
})

test('topologyRoutes() tell the certificate that the TCP side shows', async () => {
  await using server = await served()
  for (const path of ['/info/tcp', '/databases/orders/info/tcp', '/cluster/node-info']) {
    assert.equal((await server.inject(path)).json().Certificate, 'TUlJ', path)
  }
  assert.equal((await server.inject('/info/tcp')).json().Url, 'tcp://localhost:38888')
})
