import assert from 'node:assert/strict'
import { test } from 'node:test'
import { releasing } from '#server/database/database.ts'
import { loadIdsMax } from '#server/limits.ts'
import { databaseId, documentEngines, memoryDatabase } from '#test/support/database-app.ts'
import { gathered } from '#test/support/steps.ts'

const empty = Buffer.from('{}')

async function whole(body: AsyncIterable<Buffer>): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of body) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

for (const [name, open] of Object.entries(documentEngines)) {
  test(`Database answers a list from one view while others write (${name})`, async (context) => {
    const database = memoryDatabase(undefined, await open())
    context.after(() => database.close())
    for (let index = 0; index < 50; index++) await database.put(`a/${index}`, empty, undefined)
    const { etag, body } = database.list(undefined, { start: 0, pageSize: 100 }, true)
    const began = await body.next()
    await database.put('later', empty, undefined)
    await database.delete('a/0', undefined)
    const rest = await whole(body)
    assert.equal(etag, `A:50-${databaseId}`)
    const { Results } = JSON.parse(`${began.value}${rest}`)
    assert.equal(Results.length, 50)
    assert.equal(database.listVersion, `A:52-${databaseId}`)
  })

  test(`Database keeps documents of every size byte for byte (${name})`, async (context) => {
    const database = memoryDatabase(undefined, await open())
    context.after(() => database.close())
    const texts = [0, 10, 4_000, 20_000, 2_000_000].map((length) => `{"t":"${'ü'.repeat(length)}"}`)
    for (const [index, text] of texts.entries()) {
      await database.put(`size/${index}`, Buffer.from(text), undefined)
    }
    for (const [index, text] of texts.entries()) {
      const request = { ids: [`SIZE/${index}`], includes: [], metadataOnly: false }
      const loaded = await database.load(request, undefined)
      assert.ok(loaded.kind === 'found')
      assert.ok((await gathered(loaded.body)).startsWith(`{"Results":[${text.slice(0, -1)},`))
    }
  })
}

test('Database.load() bounds the ids and their length', async () => {
  const database = memoryDatabase()
  const load = (ids: string[]) =>
    database.load({ ids, includes: [], metadataOnly: false }, undefined)
  await assert.rejects(load(Array.from({ length: loadIdsMax + 1 }, () => 'a')), {
    code: 'LoadTooLarge',
  })
  await assert.rejects(load(['x'.repeat(513)]), { code: 'DocumentIdTooLong' })
  assert.throws(() => database.version('x'.repeat(513)), { code: 'DocumentIdTooLong' })
  await assert.rejects(database.identity({ name: 'x'.repeat(513) }), { code: 'DocumentIdTooLong' })
})

test('Database gives operations numbers of their own', () => {
  const database = memoryDatabase()
  assert.deepEqual([database.nextOperationId(), database.nextOperationId()], [1, 2])
})

test('releasing() gives the view back at the end, after a failure, and when nobody reads on', async () => {
  for (const end of ['read', 'failed', 'left'] as const) {
    let released = 0
    const view = {
      [Symbol.dispose]: () => {
        released += 1
      },
    }
    async function* source() {
      yield empty
      if (end === 'failed') throw new Error('broken')
      yield empty
    }
    const body = releasing(view, source())
    await body.next()
    assert.equal(released, 0)
    if (end === 'left') await body.return(undefined)
    else if (end === 'failed') await assert.rejects(whole(body), /broken/)
    else await whole(body)
    assert.equal(released, 1, end)
  }
})
