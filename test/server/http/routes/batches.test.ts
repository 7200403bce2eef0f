import assert from 'node:assert/strict'
import { test } from 'node:test'
import { batchRoutes } from '#server/http/routes/batches.ts'
import { documentRoutes } from '#server/http/routes/documents.ts'
import {
  type App,
  databaseId,
  memoryDatabase,
  onlyDatabase,
  routeApp,
} from '#test/support/database-app.ts'

const modified = '2026-01-02T03:04:05.6780000Z'

async function app(): Promise<App> {
  const databases = onlyDatabase(memoryDatabase())
  return routeApp([...documentRoutes(databases), ...batchRoutes(databases)])
}

function version(etag: number): string {
  return `A:${etag}-${databaseId}`
}

test('batchRoutes() answers one result for each command, in RavenDB’s shapes', async () => {
  await using batches = await app()
  const Commands = [
    {
      Type: 'PUT',
      Id: 'b/1',
      ChangeVector: null,
      Document: { '@metadata': { '@collection': 'Bs' } },
    },
    { Id: 'b/2', Document: { N: 2 }, Type: 'PUT' },
    { Type: 'DELETE', Id: 'B/2', ChangeVector: null },
    { Type: 'DELETE', Id: 'nosuch', OriginalChangeVector: 'A:1-x' },
  ]
  const { status, text } = await batches.call('POST', 'bulk_docs?', { body: { Commands } })
  assert.equal(status, 201)
  assert.equal(
    text,
    JSON.stringify({
      Results: [
        {
          Type: 'PUT',
          '@id': 'b/1',
          '@collection': 'Bs',
          '@change-vector': version(1),
          '@last-modified': modified,
        },
        {
          Type: 'PUT',
          '@id': 'b/2',
          '@collection': '@empty',
          '@change-vector': version(2),
          '@last-modified': modified,
        },
        { Id: 'B/2', Type: 'DELETE', Deleted: true, ChangeVector: null },
        { Id: 'nosuch', Type: 'DELETE', Deleted: false },
      ],
    }),
  )
})

test('batchRoutes() makes the ids that are left to it', async () => {
  await using batches = await app()
  const Commands = ['bs/', 'bs|', null, '', ' '].map((Id) => ({ Type: 'PUT', Id, Document: {} }))
  const { body } = await batches.call('POST', 'bulk_docs', { body: { Commands } })
  const ids = (body as { Results: { '@id': string }[] }).Results.map((one) => one['@id'])
  assert.deepEqual(ids, [
    'bs/0000000000000000001-A',
    'bs/1',
    '00000000-0000-0000-0000-000000000001',
    '00000000-0000-0000-0000-000000000002',
    '00000000-0000-0000-0000-000000000003',
  ])
})

test('batchRoutes() does all or nothing', async () => {
  await using batches = await app()
  await batches.call('PUT', 'docs?id=b/1', { body: {} })
  const Commands = [
    { Type: 'PUT', Id: 'b/new', Document: {} },
    { Type: 'PUT', Id: 'b/1', ChangeVector: '', Document: {} },
  ]
  const { status, body } = await batches.call('POST', 'bulk_docs', { body: { Commands } })
  assert.equal(status, 409)
  const { Id, ExpectedChangeVector, ActualChangeVector } = body as Record<string, unknown>
  assert.deepEqual([Id, ExpectedChangeVector, ActualChangeVector], ['b/1', '', version(1)])
  assert.equal((await batches.call('GET', 'docs?id=b/new')).status, 404)
})

test('batchRoutes() stores a batch and says that no replica has it', async () => {
  await using batches = await app()
  const body = { Commands: [{ Type: 'PUT', Id: 'b/1', Document: {} }] }
  const asked = 'bulk_docs?&waitForReplicasTimeout=00:00:00.05&numberOfReplicasToWaitFor=1'
  const { status, body: problem } = await batches.call('POST', asked, { body })
  assert.deepEqual(
    [status, (problem as { Type: string }).Type],
    [408, 'Raven.Client.Exceptions.RavenTimeoutException'],
  )
  assert.equal((await batches.call('GET', 'docs?id=b/1')).status, 200)
  const quiet = `${asked}&throwOnTimeoutInWaitForReplicas=false`
  assert.equal((await batches.call('POST', quiet, { body })).status, 201)
})

test('batchRoutes() stores nothing of a batch that asks for a wait it cannot read', async () => {
  await using batches = await app()
  const body = { Commands: [{ Type: 'PUT', Id: 'b/1', Document: {} }] }
  const asked = await batches.call('POST', 'bulk_docs?waitForReplicasTimeout=soon', { body })
  assert.equal(asked.status, 500)
  assert.equal((await batches.call('GET', 'docs?id=b/1')).status, 404)
})

const invalid = 'System.InvalidOperationException'
const later = 'Raven.Client.Exceptions.NotImplementedException'
const refused = [
  [{}, 500, invalid],
  [{ Commands: {} }, 500, invalid],
  [{ Commands: [5] }, 500, invalid],
  [{ Commands: [{ Id: 'b/1' }] }, 500, invalid],
  [{ Commands: [{ Type: 'PUT', Id: 'b/5' }] }, 500, invalid],
  [{ Commands: [{ Type: 'PUT', Id: 5, Document: {} }] }, 500, invalid],
  [{ Commands: [{ Type: 'DELETE', Id: 'b', ChangeVector: 5 }] }, 500, invalid],
  [{ Commands: [{ Type: 'NOPE' }] }, 500, 'Raven.Server.Exceptions.InvalidCommandTypeException'],
  [{ Commands: [{ Type: 'put' }] }, 500, 'Raven.Server.Exceptions.InvalidCommandTypeException'],
  [{ Commands: [{ Type: 'PATCH', Id: 'b' }] }, 501, later],
  [{ Commands: [], TransactionMode: 'ClusterWide' }, 501, later],
  ['{"Commands":[{', 400, 'Raven.Client.Exceptions.BadRequestException'],
  ['', 400, 'Raven.Client.Exceptions.BadRequestException'],
] as const

for (const [body, status, type] of refused) {
  test(`batchRoutes() refuses ${JSON.stringify(body)}`, async () => {
    await using batches = await app()
    const answer = await batches.call('POST', 'bulk_docs', { body })
    assert.equal(answer.status, status)
    assert.equal((answer.body as { Type: string }).Type, type)
  })
}

test('batchRoutes() takes an empty batch, and refuses one with attachments', async () => {
  await using batches = await app()
  const empty = await batches.call('POST', 'bulk_docs', { body: { Commands: [] } })
  assert.deepEqual([empty.status, empty.text], [201, '{"Results":[]}'])
  const headers = { 'content-type': 'multipart/form-data; boundary=x' }
  const multipart = await batches.call('POST', 'bulk_docs', { body: '--x--', headers })
  assert.equal(multipart.status, 501)
})
