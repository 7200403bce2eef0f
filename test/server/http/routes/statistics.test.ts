import assert from 'node:assert/strict'
import { test } from 'node:test'
import { documentRoutes } from '#server/http/routes/documents.ts'
import { statisticsRoutes } from '#server/http/routes/statistics.ts'
import {
  type App,
  databaseId,
  memoryDatabase,
  onlyDatabase,
  routeApp,
} from '#test/support/database-app.ts'

async function app(): Promise<App> {
  const databases = onlyDatabase(memoryDatabase())
  const clock = { now: () => Date.UTC(2026, 0, 2) }
  const url = () => 'https://vault.example.com'
  const stats = await routeApp([
    ...documentRoutes(databases),
    ...statisticsRoutes({ databases, clock, url }),
  ])
  const body = { '@metadata': { '@collection': 'Users' } }
  await stats.call('PUT', 'docs?id=a', { body })
  await stats.call('PUT', 'docs?id=b', { body: {} })
  await stats.call('PUT', 'docs?id=c', { body })
  await stats.call('DELETE', 'docs?id=c')
  return stats
}

/** Names and order of 7.2.7's members. */
const essential = [
  ...['CountOfIndexes', 'CountOfDocuments', 'CountOfRevisionDocuments', 'CountOfTombstones'],
  ...[
    'CountOfDocumentsConflicts',
    'CountOfConflicts',
    'CountOfAttachments',
    'CountOfCounterEntries',
  ],
  ...['CountOfTimeSeriesSegments', 'Indexes'],
]
const whole = [
  ...essential,
  ...['CountOfUniqueAttachments', 'DatabaseChangeVector', 'DatabaseId'],
  ...['NumberOfTransactionMergerQueueOperations', 'Is64Bit', 'Pager', 'LastDocEtag'],
  ...['LastDatabaseEtag', 'LastIndexingTime', 'SizeOnDisk', 'TempBuffersSizeOnDisk'],
]
const inCollections = [
  ...['CountOfDocuments', 'CountOfDocumentsConflicts', 'CountOfConflicts'],
  ...['CountOfRevisionDocuments', 'CountOfTombstones', 'CountOfTimeSeriesDeletedRanges'],
  ...['CountOfAttachments', 'CountOfCounterEntries', 'CountOfTimeSeriesSegments', 'Collections'],
]

for (const [path, members] of [
  ['stats', ['@metadata', ...whole]],
  [
    'stats/detailed',
    [
      ...['CountOfIdentities', 'CountOfCompareExchange', 'CountOfCompareExchangeTombstones'],
      ...['CountOfTimeSeriesDeletedRanges', 'CountOfRemoteAttachments', ...whole],
    ],
  ],
  ['stats/essential', essential],
  ['collections/stats', inCollections],
  ['collections/stats/detailed', inCollections],
] as const) {
  test(`statisticsRoutes() answers ${path} with the members of 7.2`, async () => {
    await using stats = await app()
    const { status, body } = await stats.call('GET', path)
    assert.equal(status, 200)
    assert.deepEqual(Object.keys(body as object), members)
    const { CountOfDocuments, CountOfTombstones } = body as Record<string, number>
    assert.deepEqual([CountOfDocuments, CountOfTombstones], [2, 1])
  })
}

test('statisticsRoutes() counts what is there', async () => {
  await using stats = await app()
  const { body } = await stats.call('GET', 'stats?wait-for-indexing')
  const {
    '@metadata': about,
    DatabaseChangeVector,
    LastDocEtag,
    DatabaseId,
  } = body as Record<string, unknown>
  assert.deepEqual(about, {
    DateTime: '2026-01-02T00:00:00.0000000Z',
    WebUrl: 'https://vault.example.com',
    NodeTag: 'A',
  })
  assert.deepEqual(
    [DatabaseChangeVector, LastDocEtag, DatabaseId],
    [`A:4-${databaseId}`, 4, databaseId],
  )
  const collections = await stats.call('GET', 'collections/stats')
  assert.deepEqual((collections.body as { Collections: object }).Collections, {
    Users: 1,
    '@empty': 1,
  })
})

test('statisticsRoutes() answers what clients ask on the way', async () => {
  await using stats = await app()
  const health = await stats.call('GET', 'healthcheck')
  assert.deepEqual(
    [health.status, health.text, health.headers['content-type']],
    [204, '', undefined],
  )
  const configuration = await stats.call('GET', 'configuration/client')
  assert.equal(configuration.text, '{"Etag":-1,"Configuration":null}')
  const id = async () => (await stats.call('GET', 'operations/next-operation-id')).text
  assert.deepEqual([await id(), await id()], ['{"Id":1,"NodeTag":"A"}', '{"Id":2,"NodeTag":"A"}'])
  const state = await stats.call('GET', 'operations/state?id=7')
  assert.deepEqual([state.status, state.text], [404, ''])
  assert.equal((await stats.call('GET', 'operations/state')).status, 500)
  assert.equal((await stats.call('GET', 'operations/state?id=x')).status, 500)
})
