import assert from 'node:assert/strict'
import { test } from 'node:test'
import { batchRoutes } from '#server/http/routes/batches.ts'
import { queryRoutes } from '#server/http/routes/queries.ts'
import { type App, memoryDatabase, onlyDatabase, routeApp } from '#test/support/database-app.ts'

async function people(count = 5): Promise<App> {
  const databases = onlyDatabase(memoryDatabase())
  const clock = { now: () => 0 }
  const app = await routeApp([...batchRoutes(databases), ...queryRoutes({ databases, clock })])
  const Commands = Array.from({ length: count }, (_, index) => ({
    Type: 'PUT',
    Id: `people/${index + 1}`,
    Document: { Text: 'x'.repeat(100), '@metadata': { '@collection': 'People' } },
  }))
  await app.call('POST', 'bulk_docs', { body: { Commands } })
  return app
}

test('queryRoutes() answers with an ETag without quotes, and 304 to who has it', async () => {
  await using app = await people()
  const body = { Query: 'from People', WaitForNonStaleResults: true }
  const { status, headers, body: answer } = await app.call('POST', 'queries?queryHash=1', { body })
  assert.equal(status, 200)
  assert.match(String(headers.etag), /^\d{1,16}$/)
  assert.equal((answer as { ResultEtag: number }).ResultEtag, Number(headers.etag))
  for (const known of [String(headers.etag), `"${headers.etag}"`]) {
    const again = await app.call('POST', 'queries', { body, headers: { 'if-none-match': known } })
    assert.deepEqual([again.status, again.text, again.headers.etag], [304, '', undefined])
  }
})

test('queryRoutes() streams a long answer', async () => {
  await using app = await people(2_000)
  const { body, headers } = await app.call('POST', 'queries', { body: { Query: 'from People' } })
  assert.equal((body as { Results: unknown[] }).Results.length, 2_000)
  assert.equal(headers['content-type'], 'application/json; charset=utf-8')
})

test('queryRoutes() reads a query from the address', async () => {
  await using app = await people()
  const path = `queries?query=${encodeURIComponent('from People order by id()')}&start=1&pageSize=2&metadataOnly=true`
  const { body } = await app.call('GET', path)
  const { Results } = body as { Results: object[] }
  assert.deepEqual(Results.map(Object.keys), [['@metadata'], ['@metadata']])
})

test('queryRoutes() does not find an index', async () => {
  await using app = await people()
  const { status, headers, text } = await app.call('POST', 'queries', {
    body: { Query: "from index 'No/Such' where x = 1" },
  })
  assert.deepEqual([status, headers['content-length'], text], [404, '0', ''])
})

const parse = 'Raven.Server.Documents.Queries.Parser.QueryParser+ParseException'
const invalid = 'Raven.Client.Exceptions.InvalidQueryException'
const later = 'Raven.Client.Exceptions.NotImplementedException'
const operation = 'System.InvalidOperationException'
for (const [body, status, type] of [
  [{ Query: 'from People where' }, 500, parse],
  [{ Query: 'select * from People' }, 500, parse],
  [{ Query: '' }, 500, operation],
  [{}, 500, operation],
  [{ Query: 'from People where id() = $nope' }, 500, invalid],
  [{ Query: 'from People', PageSize: -1 }, 500, invalid],
  [{ Query: "from People where Name = 'Ann'" }, 501, later],
  ['{', 400, 'Raven.Client.Exceptions.BadRequestException'],
] as const) {
  test(`queryRoutes() refuses ${JSON.stringify(body)}`, async () => {
    await using app = await people()
    const answer = await app.call('POST', 'queries', { body })
    assert.equal(answer.status, status)
    assert.equal((answer.body as { Type: string }).Type, type)
  })
}

test('queryRoutes() refuses to explain', async () => {
  await using app = await people()
  const { status } = await app.call('POST', 'queries?debug=explain', {
    body: { Query: 'from People' },
  })
  assert.equal(status, 501)
})
