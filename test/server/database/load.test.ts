import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Loaded, type LoadRequest, loadMany, loadOne } from '#server/database/load.ts'
import { loadIdsMax } from '#server/limits.ts'
import { databaseId, documentEngines, memoryDatabase } from '#test/support/database-app.ts'

async function reader() {
  const engine = await documentEngines.map()
  const database = memoryDatabase(undefined, engine)
  const put = (id: string, body: object) =>
    database.put(id, Buffer.from(JSON.stringify(body)), undefined)
  await put('a', { Next: 'B' })
  await put('b', { Next: 'c', Other: 'a' })
  await put('c', {})
  return engine.snapshot()
}

const one = (more: Partial<LoadRequest> = {}): LoadRequest => ({
  ids: ['a'],
  includes: [],
  metadataOnly: false,
  ...more,
})

function shape(loaded: Loaded): unknown {
  if (loaded.kind !== 'found') return loaded.kind
  const { Results, Includes } = JSON.parse(Buffer.concat(loaded.body).toString())
  const idOf = (document: { '@metadata': { '@id': string } } | null) =>
    document?.['@metadata']['@id'] ?? null
  return [Results.map(idOf), Object.keys(Includes)]
}

test('loadOne() and loadMany() answer one id alike', async () => {
  const view = await reader()
  for (const request of [one(), one({ metadataOnly: true }), one({ ids: ['nosuch'] })]) {
    for (const known of [undefined, `A:1-${databaseId}`, '404 Response']) {
      const context = { databaseId, known }
      const single = loadOne(view, request, context)
      const several = await loadMany(view, request, context)
      const text = ({ kind, ...more }: Loaded) =>
        'body' in more ? [kind, more.etag, Buffer.concat(more.body).toString()] : [kind]
      assert.deepEqual(text(single), text(several))
    }
  }
})

test('loadMany() keeps the order and names what is missing', async () => {
  const load = async (request: LoadRequest) =>
    shape(await loadMany(await reader(), request, { databaseId, known: undefined }))
  assert.deepEqual(await load(one({ ids: ['c', 'x', 'A', 'c'] })), [['c', null, 'a', 'c'], []])
  assert.deepEqual(await load(one({ ids: ['x', 'y'] })), [[null, null], []])
  assert.deepEqual(await load(one({ ids: ['x'], includes: ['Next'] })), 'missing')
})

test('loadMany() includes each document once, and none that was asked for', async () => {
  const load = async (request: LoadRequest) =>
    shape(await loadMany(await reader(), request, { databaseId, known: undefined }))
  assert.deepEqual(await load(one({ includes: ['Next', 'Next', 'Nope'] })), [['a'], ['b']])
  assert.deepEqual(await load(one({ ids: ['b'], includes: ['Next', 'Other'] })), [
    ['b'],
    ['c', 'a'],
  ])
  assert.deepEqual(await load(one({ ids: ['a', 'b'], includes: ['Next', 'Other'] })), [
    ['a', 'b'],
    ['c'],
  ])
})

test('loadMany() says unchanged as long as nothing of the answer changed', async () => {
  const view = await reader()
  const request = one({ includes: ['Next'] })
  const first = await loadMany(view, request, { databaseId, known: undefined })
  assert.ok(first.kind === 'found' && first.etag.startsWith('Hash-'))
  const again = await loadMany(view, request, { databaseId, known: first.etag })
  assert.equal(again.kind, 'unchanged')
  const alone = await loadMany(view, one({ includes: ['Nope'] }), { databaseId, known: undefined })
  assert.ok(alone.kind === 'found' && alone.etag === `A:1-${databaseId}`)
})

test('loadMany() bounds what is included', async () => {
  const engine = await documentEngines.map()
  const database = memoryDatabase(undefined, engine)
  const ids = Array.from({ length: loadIdsMax + 1 }, (_, index) => `x/${index}`)
  await database.put('many', Buffer.from(JSON.stringify({ ids })), undefined)
  const request = one({ ids: ['many'], includes: ['ids'] })
  await assert.rejects(database.load(request, undefined), { code: 'LoadTooLarge' })
})
