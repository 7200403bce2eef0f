import assert from 'node:assert/strict'
import { test } from 'node:test'
import { documentRoutes } from '#server/http/routes/documents.ts'
import { hiloRoutes } from '#server/http/routes/hilo.ts'
import { type App, memoryDatabase, onlyDatabase, routeApp } from '#test/support/database-app.ts'

const now = Date.UTC(2026, 0, 2, 3, 4, 5, 678)

async function app(): Promise<App> {
  const databases = onlyDatabase(memoryDatabase(() => now))
  return routeApp([...hiloRoutes(databases), ...documentRoutes(databases)])
}

test('hiloRoutes() gives ranges one after the other', async () => {
  await using hilo = await app()
  const path =
    'hilo/next?tag=users&lastBatchSize=0&lastRangeAt=0001-01-01T00:00:00.0000000&lastMax=0'
  const { status, text } = await hilo.call('GET', path)
  assert.deepEqual(
    [status, text],
    [
      201,
      '{"Prefix":"users/","Low":1,"High":32,"LastSize":32,"ServerTag":"A","LastRangeAt":"2026-01-02T03:04:05.6780000Z"}',
    ],
  )
  const next = async (query: string) => {
    const { body } = await hilo.call('GET', `hilo/next?${query}`)
    const { Prefix, Low, High } = body as { Prefix: string; Low: number; High: number }
    return `${Prefix} ${Low}-${High}`
  }
  const at = (secondsAgo: number) => new Date(now - secondsAgo * 1000).toISOString()
  assert.equal(await next(`tag=users&lastBatchSize=32&lastRangeAt=${at(5)}`), 'users/ 33-96')
  assert.equal(await next(`tag=users&lastBatchSize=64&lastRangeAt=${at(90)}`), 'users/ 97-128')
  assert.equal(await next('tag=users&lastBatchSize=32&lastRangeAt=nonsense'), 'users/ 129-160')
  assert.equal(await next('tag=cats&identityPartsSeparator=-'), 'cats- 1-32')
  const document = await hilo.call('GET', 'docs?id=Raven/Hilo/users&metadataOnly=false')
  assert.ok(document.text.startsWith('{"Results":[{"Max":160,"@metadata":{"@collection":"@hilo",'))
})

test('hiloRoutes() takes a range back without a body', async () => {
  await using hilo = await app()
  await hilo.call('GET', 'hilo/next?tag=users')
  for (const query of [
    'tag=users&end=32&last=10',
    'tag=users&end=9&last=1',
    'tag=nosuch&end=9&last=1',
  ]) {
    const { status, headers, text } = await hilo.call('PUT', `hilo/return?${query}`)
    assert.deepEqual([status, headers['content-length'], text], [200, '0', ''], query)
  }
  const { body } = await hilo.call('GET', 'hilo/next?tag=users')
  assert.equal((body as { Low: number }).Low, 11)
})

test('hiloRoutes() refuses what is missing or no number', async () => {
  await using hilo = await app()
  for (const [method, path] of [
    ['GET', 'hilo/next'],
    ['GET', 'hilo/next?tag=a&lastBatchSize=x'],
    ['PUT', 'hilo/return?end=1&last=1'],
    ['PUT', 'hilo/return?tag=a&last=1'],
  ] as const) {
    const { status, body } = await hilo.call(method, path)
    assert.deepEqual(
      [status, (body as { Type: string }).Type],
      [500, 'System.ArgumentException'],
      path,
    )
  }
})
