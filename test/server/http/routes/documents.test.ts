/** What 7.2.7 answers to the same requests, where ours is not stricter on purpose. */
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
const json = 'application/json; charset=utf-8'

async function app(): Promise<App> {
  const databases = onlyDatabase(memoryDatabase())
  return routeApp([...documentRoutes(databases), ...batchRoutes(databases)])
}

function version(etag: number): string {
  return `A:${etag}-${databaseId}`
}

async function withUsers(): Promise<App> {
  const users = await app()
  const metadata = { '@collection': 'Users', Custom: 'x' }
  const body = { Name: 'Ann', Friend: 'users/2', '@metadata': metadata }
  await users.call('PUT', 'docs?id=users%2F1', { body })
  const second = { Name: 'Bob', '@metadata': { '@collection': 'Users' } }
  await users.call('PUT', 'docs?id=users%2F2', { body: second })
  return users
}

test('documentRoutes() stores a document and gives it back with its metadata', async () => {
  await using users = await withUsers()
  const stored = await users.call('PUT', 'docs?id=users/3', { body: '{"a": 1.10 }' })
  assert.deepEqual(
    [stored.status, stored.headers['content-type'], stored.text],
    [201, json, `{"Id":"users/3","ChangeVector":"${version(3)}"}`],
  )
  const { status, headers, text } = await users.call('GET', 'docs?&id=USERS%2F1')
  assert.deepEqual([status, headers['content-type'], headers.etag], [200, json, `"${version(1)}"`])
  assert.equal(
    text,
    `{"Results":[{"Name":"Ann","Friend":"users/2","@metadata":{"@collection":"Users","Custom":"x","@change-vector":"${version(1)}","@id":"users/1","@last-modified":"${modified}"}}],"Includes":{}}`,
  )
  const third = await users.call('GET', 'docs?id=users/3')
  assert.ok(third.text.startsWith('{"Results":[{"a": 1.10 ,"@metadata":{"@change-vector":'))
})

test('documentRoutes() answers a missing document without a body', async () => {
  await using users = await withUsers()
  for (const path of ['docs?id=nosuch', 'docs?id=', 'docs?id=a%00b']) {
    const { status, headers, text } = await users.call('GET', path)
    assert.deepEqual(
      [status, headers['content-type'], headers['content-length'], text],
      [404, json, '0', ''],
      path,
    )
  }
  const head = await users.call('HEAD', 'docs?id=nosuch')
  assert.deepEqual([head.status, head.headers['content-length']], [404, undefined])
})

test('documentRoutes() answers HEAD without a length, which would be that of the document', async () => {
  await using users = await withUsers()
  const { status, headers } = await users.call('HEAD', 'docs?id=users/1')
  assert.deepEqual(
    [status, headers['content-length'], headers.etag],
    [200, undefined, `"${version(1)}"`],
  )
})

test('documentRoutes() answers 304 to a caller that has the version, quoted or not', async () => {
  await using users = await withUsers()
  for (const known of [version(1), `"${version(1)}"`]) {
    const answer = await users.call('GET', 'docs?id=users/1', {
      headers: { 'if-none-match': known },
    })
    assert.deepEqual([answer.status, answer.headers.etag, answer.text], [304, undefined, ''])
  }
  const remembered = { headers: { 'if-none-match': '"404 Response"' } }
  assert.equal((await users.call('GET', 'docs?id=users/9', remembered)).status, 304)
  assert.equal((await users.call('GET', 'docs?id=users/1', remembered)).status, 200)
  const head = { headers: { 'if-none-match': version(1) } }
  assert.equal((await users.call('HEAD', 'docs?id=users/1', head)).status, 304)
})

test('documentRoutes() answers several ids in their order, null for a missing one', async () => {
  await using users = await withUsers()
  const names = ({ body }: { body: unknown }) =>
    (body as { Results: ({ Name: string } | null)[] }).Results.map((one) => one?.Name ?? null)
  const both = await users.call('GET', 'docs?id=users/2&id=users/9&id=users/1')
  assert.deepEqual(names(both), ['Bob', null, 'Ann'])
  assert.match(String(both.headers.etag), /^"Hash-[A-Za-z0-9+/]{43}="$/)
  const again = { headers: { 'if-none-match': String(both.headers.etag) } }
  assert.equal(
    (await users.call('GET', 'docs?id=users/2&id=users/9&id=users/1', again)).status,
    304,
  )
  const posted = await users.call('POST', 'docs', { body: { Ids: ['users/2', 5, 'users/2'] } })
  assert.deepEqual(names(posted), ['Bob', null])
  const missing = await users.call('GET', 'docs?id=users/8&id=users/9')
  assert.deepEqual([missing.status, names(missing)], [200, [null, null]])
})

test('documentRoutes() includes what the documents name', async () => {
  await using users = await withUsers()
  const { headers, body } = await users.call('GET', 'docs?id=users/1&include=Friend&include=Nope')
  const { Includes } = body as { Includes: Record<string, { Name: string }> }
  assert.deepEqual(Object.keys(Includes), ['users/2'])
  assert.equal(Includes['users/2']?.Name, 'Bob')
  assert.match(String(headers.etag), /^"Hash-/)
  const none = await users.call('GET', 'docs?id=users/1&include=Name')
  assert.deepEqual(
    [none.headers.etag, (none.body as { Includes: object }).Includes],
    [`"${version(1)}"`, {}],
  )
})

test('documentRoutes() lists newest first, by prefix and in pages', async () => {
  await using users = await withUsers()
  await users.call('PUT', 'docs?id=other', { body: {} })
  const ids = async (path: string) => {
    const { status, headers, body } = await users.call('GET', path)
    assert.deepEqual(
      [status, headers.etag, Object.keys(body as object)],
      [200, `"${version(3)}"`, ['Results']],
    )
    return (body as { Results: { '@metadata': { '@id': string } }[] }).Results.map(
      (one) => one['@metadata']['@id'],
    )
  }
  assert.deepEqual(await ids('docs'), ['other', 'users/2', 'users/1'])
  assert.deepEqual(await ids('docs?start=1&pageSize=1'), ['users/2'])
  assert.deepEqual(await ids('docs?startsWith=USERS/'), ['users/1', 'users/2'])
  assert.deepEqual(await ids('docs?startsWith=users/&matches=2|7'), ['users/2'])
  assert.deepEqual(await ids('docs?startsWith=users/&exclude=*2'), ['users/1'])
  assert.deepEqual(await ids('docs?startsWith=users/&startAfter=users/1'), ['users/2'])
  assert.deepEqual(await ids('docs?startsWith=nosuch/'), [])
  assert.deepEqual(await ids('docs?pageSize=0'), [])
  assert.deepEqual(await ids('docs?start=-1'), [])
  const known = { headers: { 'if-none-match': `"${version(3)}"` } }
  assert.equal((await users.call('GET', 'docs', known)).status, 304)
  assert.deepEqual((await users.call('POST', 'docs', { body: { Ids: [] } })).status, 200)
})

test('documentRoutes() gives metadata alone', async () => {
  await using users = await withUsers()
  for (const path of [
    'docs?id=users/1&metadataOnly=true',
    'docs?startsWith=users/1&metadataOnly=True',
  ]) {
    const { body } = await users.call('GET', path)
    const [only] = (body as { Results: object[] }).Results
    assert.deepEqual(Object.keys(only ?? {}), ['@metadata'], path)
  }
})

test('documentRoutes() checks the expected version of puts and deletes', async () => {
  await using users = await withUsers()
  const put = (id: string, expected: string) =>
    users.call('PUT', `docs?id=${id}`, {
      body: { '@metadata': { '@collection': 'Users' } },
      headers: { 'if-match': expected },
    })
  const remove = (id: string, expected: string) =>
    users.call('DELETE', `docs?id=${id}`, { headers: { 'if-match': expected } })
  const conflict = await put('users/1', '"A:77-xx"')
  assert.equal(conflict.status, 409)
  const { Message, Error: text, ...rest } = conflict.body as Record<string, unknown>
  assert.deepEqual(rest, {
    Url: '/databases/orders/docs?id=users/1',
    Type: 'Raven.Client.Exceptions.ConcurrencyException',
    Id: 'users/1',
    ExpectedChangeVector: 'A:77-xx',
    ActualChangeVector: version(1),
  })
  assert.ok(String(Message).includes('users/1') && String(text).includes('users/1'))
  assert.equal((await put('users/1', '""')).status, 409)
  assert.equal((await put('users/9', version(1))).status, 409)
  assert.equal((await put('users/9', '""')).status, 201)
  assert.equal((await put('users/1', version(1))).status, 201)
  assert.equal((await remove('users/1', version(1))).status, 409)
  assert.equal((await remove('nosuch', '""')).status, 409)
  const removed = await users.call('DELETE', 'docs?id=users/1')
  assert.deepEqual([removed.status, removed.headers['content-type']], [204, undefined])
  assert.equal((await users.call('DELETE', 'docs?id=users/1')).status, 204)
  assert.equal((await users.call('GET', 'docs?id=users/1')).status, 404)
})

const argument = 'System.ArgumentException'
const badRequest = 'Raven.Client.Exceptions.BadRequestException'
const refused = [
  ['PUT', 'docs', '{}', 500, argument],
  ['PUT', 'docs?id=', '{}', 500, argument],
  ['PUT', 'docs?id=%20', '{}', 500, argument],
  ['PUT', 'docs?id=a&id=b', '{}', 500, argument],
  ['PUT', `docs?id=${'x'.repeat(513)}`, '{}', 500, argument],
  ['PUT', 'docs?id=a%00b', '{}', 500, 'System.NotSupportedException'],
  ['PUT', 'docs?id=a', '', 400, badRequest],
  ['PUT', 'docs?id=a', '{"a":', 400, badRequest],
  ['PUT', 'docs?id=a', '[1]', 400, badRequest],
  ['PUT', 'docs?id=a', '{"a":1} x', 400, badRequest],
  ['PUT', 'docs?id=a', '{"a":1,"\\u0061":2}', 400, badRequest],
  ['PUT', 'docs?id=a', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 400, badRequest],
  ['PUT', 'docs?id=a', '{"@metadata":5}', 500, 'System.FormatException'],
  ['GET', `docs?id=${'x'.repeat(513)}`, undefined, 500, argument],
  ['GET', 'docs?start=x', undefined, 500, argument],
  ['GET', 'docs?id=a&metadataOnly=5', undefined, 500, argument],
  ['POST', 'docs', '{"Ids":5}', 500, argument],
  ['POST', 'docs', '', 400, badRequest],
  [
    'GET',
    'docs?id=a&counter=likes',
    undefined,
    501,
    'Raven.Client.Exceptions.NotImplementedException',
  ],
  ['HEAD', 'docs', undefined, 500, undefined],
  ['HEAD', 'docs?id=a&id=b', undefined, 500, undefined],
  ['DELETE', 'docs', undefined, 500, argument],
] as const

for (const [method, path, body, status, type] of refused) {
  test(`documentRoutes() refuses ${method} ${path.slice(0, 30)} ${String(body).slice(0, 30)}`, async () => {
    await using users = await app()
    const answer = await users.call(method, path, body === undefined ? {} : { body })
    assert.equal(answer.status, status)
    assert.equal((answer.body as { Type?: string } | undefined)?.Type, type)
  })
}

test('documentRoutes() keeps a document in its collection', async () => {
  await using users = await withUsers()
  const body = { '@metadata': { '@collection': 'Others' } }
  const { status, body: problem } = await users.call('PUT', 'docs?id=users/2', { body })
  assert.equal(status, 500)
  assert.equal(
    (problem as { Type: string }).Type,
    'Raven.Client.Exceptions.Documents.DocumentCollectionMismatchException',
  )
  const sameInCapitals = { '@metadata': { '@collection': 'USERS' } }
  assert.equal((await users.call('PUT', 'docs?id=users/2', { body: sameInCapitals })).status, 201)
})

test('documentRoutes() completes ids that end in a slash or a bar', async () => {
  await using users = await app()
  const put = async (id: string) => {
    const { body } = await users.call('PUT', `docs?id=${encodeURIComponent(id)}`, { body: {} })
    return (body as { Id: string }).Id
  }
  assert.equal(await put('orders/'), 'orders/0000000000000000001-A')
  assert.equal(await put('orders|'), 'orders/1')
  assert.equal(await put('orders/2'), 'orders/2')
  assert.equal(await put('Orders|'), 'Orders/3')
})

const streets = ['ΟΔΟΣ', 'οδος', 'ΟΔΟΣΑ/1', 'İ', 'i̇', 'ß', 'SS', '\u{10400}', '\u{10428}']

test('documentRoutes() keeps documents apart whose ids RavenDB tells apart, and finds each by its own prefix', async () => {
  await using users = await app()
  for (const id of streets)
    await users.call('PUT', `docs?id=${encodeURIComponent(id)}`, { body: { id } })
  for (const id of streets) {
    const loaded = await users.call('GET', `docs?id=${encodeURIComponent(id)}`)
    assert.equal((loaded.body as { Results: { id: string }[] }).Results[0]?.id, id)
    const listed = await users.call('GET', `docs?startsWith=${encodeURIComponent(id)}`)
    const ids = (listed.body as { Results: { id: string }[] }).Results.map((found) => found.id)
    assert.ok(ids.includes(id), `${id} is among ${ids}`)
  }
  await users.call('PUT', 'docs?id=%CE%BF%CE%B4%CE%BF%CF%83', { body: { id: 'οδοσ' } })
  const same = await users.call('GET', `docs?id=${encodeURIComponent('ΟΔΟΣ')}`)
  assert.equal((same.body as { Results: { id: string }[] }).Results[0]?.id, 'οδοσ')
})

test('documentRoutes() finds nothing under half a character', async () => {
  await using users = await app()
  await users.call('PUT', 'docs?id=a%EF%BF%BD', { body: {} })
  const loaded = await users.call('POST', 'docs', { body: '{"Ids":["a\\ud800"]}' })
  assert.equal(loaded.status, 404)
})
