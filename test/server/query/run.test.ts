/** Queries on the plain map and on sealed trees. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Database } from '#server/database/database.ts'
import { queryRequest } from '#server/query/request.ts'
import { runQuery } from '#server/query/run.ts'
import { documentEngines, memoryDatabase } from '#test/support/database-app.ts'

const people = [
  ['people/3', 'People', { Boss: 'people/1', Pet: 'pets/1' }],
  ['people/1', 'People', { Boss: 'people/1' }],
  ['PEOPLE/2', 'people', { Boss: 'nosuch' }],
  ['pets/1', 'Pets', { Owner: 'people/1' }],
  ['other', undefined, {}],
] as const

async function fill(database: Database): Promise<Database> {
  for (const [id, collection, body] of people) {
    const metadata = collection === undefined ? {} : { '@collection': collection }
    await database.put(
      id,
      Buffer.from(JSON.stringify({ ...body, '@metadata': metadata })),
      undefined,
    )
  }
  return database
}

async function run(
  database: Database,
  body: object,
  more: { known?: string; metadataOnly?: boolean } = {},
) {
  const { plan, identity } = await queryRequest(Buffer.from(JSON.stringify(body)))
  const { known, metadataOnly = false } = more
  const clock = { now: () => 0 }
  const answer = await runQuery(database, { plan, identity, metadataOnly, known, clock })
  if (answer.kind === 'unchanged') return undefined
  const pieces: Buffer[] = []
  for await (const piece of answer.body) pieces.push(piece)
  const text = Buffer.concat(pieces).toString()
  const parsed = JSON.parse(text)
  const ids = parsed.Results.map(
    (one: { '@metadata': { '@id': string } }) => one['@metadata']['@id'],
  )
  return { ids, etag: answer.etag, text, parsed }
}

const queries = [
  ['from People', ['people/3', 'people/1', 'PEOPLE/2'], 3],
  ['from PEOPLE order by id()', ['people/1', 'PEOPLE/2', 'people/3'], 3],
  ['from People order by id() desc', ['people/3', 'PEOPLE/2', 'people/1'], 3],
  ['from @all_docs', ['people/3', 'people/1', 'PEOPLE/2', 'pets/1', 'other'], 5],
  ['from @all_docs order by id() desc limit 2', ['pets/1', 'people/3'], 5],
  ['from @empty', ['other'], 1],
  ['from Nope', [], 0],
  ["from People where id() = 'People/2'", ['PEOPLE/2'], 1],
  ["from People where id() = 'pets/1'", [], 0],
  [
    "from People where id() in ('people/3', 'people/1', 'pets/1', 'x')",
    ['people/1', 'people/3'],
    2,
  ],
  ["from People where startsWith(id(), 'PEO')", ['people/1', 'PEOPLE/2', 'people/3'], 3],
  ["from Pets where startsWith(id(), 'p')", ['pets/1'], 1],
  [
    "from @all_docs where startsWith(id(), 'p') order by id() desc",
    ['pets/1', 'people/3', 'PEOPLE/2', 'people/1'],
    4,
  ],
  ["from People where id() != 'people/1'", ['people/3', 'PEOPLE/2'], 2],
  ["from People where not (id() = 'people/1') order by id()", ['PEOPLE/2', 'people/3'], 2],
  ['from People limit 1, 1', ['people/1'], 3],
  ['from People limit 9, 5', [], 3],
  ['from People limit 0', [], 3],
  ["from People where startsWith(id(), 'people/') limit 1, 1", ['PEOPLE/2'], 3],
] as const

for (const [name, open] of Object.entries(documentEngines)) {
  test(`runQuery() finds what was asked for (${name})`, async (context) => {
    const database = await fill(memoryDatabase(undefined, await open()))
    context.after(() => database.close())
    for (const [Query, ids, total] of queries) {
      const answer = await run(database, { Query })
      assert.deepEqual([answer?.ids, answer?.parsed.TotalResults], [ids, total], Query)
    }
  })
}

test('runQuery() answers in the shape of 7.2', async () => {
  const database = await fill(memoryDatabase())
  const answer = await run(database, { Query: "from people where id() = 'pets/1' include Owner" })
  assert.deepEqual(Object.entries(answer?.parsed), [
    ['TotalResults', 0],
    ['ScannedResults', 0],
    ['SkippedResults', 0],
    ['DurationInMs', 0],
    ['IncludedPaths', ['Owner']],
    ['IndexName', 'collection/people'],
    ['Results', []],
    ['Includes', {}],
    ['IndexTimestamp', '0001-01-01T00:00:00.0000000Z'],
    ['LastQueryTime', '0001-01-01T00:00:00.0000000Z'],
    ['IsStale', false],
    ['ResultEtag', Number(answer?.etag)],
    ['NodeTag', 'A'],
  ])
  const capped = await run(database, { Query: 'from People limit 2, 5' })
  assert.deepEqual(Object.entries(capped?.parsed).slice(0, 3), [
    ['TotalResults', 3],
    ['CappedMaxResults', 1],
    ['ScannedResults', 0],
  ])
})

test('runQuery() includes what results name, but not results', async () => {
  const database = await fill(memoryDatabase())
  const includes = async (Query: string) =>
    Object.keys((await run(database, { Query }))?.parsed.Includes)
  assert.deepEqual(await includes('from People include Boss, Pet'), ['pets/1'])
  assert.deepEqual(await includes("from People where id() = 'people/3' include Boss, Pet"), [
    'people/1',
    'pets/1',
  ])
})

test('runQuery() gives metadata alone, and pages from the body', async () => {
  const database = await fill(memoryDatabase())
  const answer = await run(
    database,
    { Query: 'from People', Start: 1, PageSize: 1 },
    { metadataOnly: true },
  )
  assert.deepEqual(answer?.ids, ['people/1'])
  assert.deepEqual(Object.keys(answer?.parsed.Results[0]), ['@metadata'])
  assert.equal(answer?.parsed.CappedMaxResults, undefined)
})

test('runQuery() says unchanged until something of the result could have changed', async () => {
  const database = await fill(memoryDatabase())
  const Query = 'from People'
  const first = await run(database, { Query })
  const known = String(first?.etag)
  assert.equal(await run(database, { Query }, { known }), undefined)
  assert.notEqual((await run(database, { Query, PageSize: 1 }))?.etag, known)
  const body = Buffer.from('{"@metadata":{"@collection":"Pets"}}')
  await database.put('pets/2', body, undefined)
  assert.equal(await run(database, { Query }, { known }), undefined)
  const included = await run(database, { Query: `${Query} include Pet` })
  await database.put('pets/1', body, undefined)
  assert.notEqual((await run(database, { Query: `${Query} include Pet` }))?.etag, included?.etag)
  await database.delete('people/1', undefined)
  assert.notEqual((await run(database, { Query }, { known }))?.etag, known)
})

test('runQuery() reads a long collection in turns with others', async () => {
  const database = memoryDatabase()
  const Commands = Array.from({ length: 6_000 }, (_, index) => ({
    ...{ Type: 'PUT', Id: `n/${index}`, Document: { '@metadata': { '@collection': 'Ns' } } },
  }))
  await database.batch(Buffer.from(JSON.stringify({ Commands })))
  let turns = 0
  const timer = setInterval(() => {
    turns += 1
  }, 0)
  const answer = await run(database, { Query: "from Ns where id() != 'x' order by id()" })
  clearInterval(timer)
  assert.equal(answer?.ids.length, 6_000)
  assert.ok(turns > 0)
})
