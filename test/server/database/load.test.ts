import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Loaded, type LoadRequest, loadMany, loadOne } from '#server/database/load.ts'
import { loadHeldBytesMax, loadIdsMax } from '#server/limits.ts'
import { databaseId, documentEngines, memoryDatabase } from '#test/support/database-app.ts'
import { gathered } from '#test/support/steps.ts'

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

async function shape(loaded: Loaded): Promise<unknown> {
  if (loaded.kind !== 'found') return loaded.kind
  const { Results, Includes } = JSON.parse(await gathered(loaded.body))
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
      const text = async ({ kind, ...more }: Loaded) =>
        'body' in more ? [kind, more.etag, await gathered(more.body)] : [kind]
      assert.deepEqual(await text(single), await text(several))
    }
  }
})

test('loadMany() keeps the order, names what is missing, and answers each document once', async () => {
  const load = async (request: LoadRequest) =>
    shape(await loadMany(await reader(), request, { databaseId, known: undefined }))
  assert.deepEqual(await load(one({ ids: ['c', 'x', 'A', 'c'] })), [['c', null, 'a'], []])
  assert.deepEqual(await load(one({ ids: ['x', 'y', 'X'] })), [[null, null], []])
  assert.deepEqual(await load(one({ ids: Array.from({ length: 5_000 }, () => 'A') })), [['a'], []])
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

test('loadMany() holds no more of the documents than it may, and answers all of them', async () => {
  const engine = await documentEngines.map()
  const database = memoryDatabase(undefined, engine)
  const text = 'x'.repeat(loadHeldBytesMax / 4)
  const ids = Array.from({ length: 9 }, (_, index) => `long/${index}`)
  for (const [index, id] of ids.entries()) {
    const body = { text, Next: ids[(index + 5) % 9] }
    await database.put(id, Buffer.from(JSON.stringify(body)), undefined)
  }
  const request = one({ ids: ids.slice(0, 5), includes: ['Next'] })
  const loaded = await database.load(request, undefined)
  assert.ok(loaded.kind === 'found')
  assert.ok(Symbol.asyncIterator in loaded.body, 'it is a stream')
  let longest = 0
  const pieces: Buffer[] = []
  for await (const piece of loaded.body) {
    longest = Math.max(longest, piece.length)
    pieces.push(piece)
  }
  assert.ok(longest < 2 * text.length, 'of one document a time')
  const { Results, Includes } = JSON.parse(Buffer.concat(pieces).toString())
  assert.deepEqual([Results.length, Object.keys(Includes)], [5, ids.slice(5)])
})
