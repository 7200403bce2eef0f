import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newestKeys } from '#server/database/documents.ts'
import { joined, pageOf, rendered } from '#server/database/listing.ts'
import { documentEngines, memoryDatabase } from '#test/support/database-app.ts'

async function page(start: number, pageSize: number): Promise<string[]> {
  const engine = await documentEngines.map()
  const database = memoryDatabase(undefined, engine)
  for (const id of ['a', 'b', 'c']) await database.put(id, Buffer.from('{}'), undefined)
  const reader = engine.snapshot()
  const ids: string[] = []
  for await (const { id } of pageOf(reader, newestKeys(reader), { start, pageSize })) ids.push(id)
  return ids
}

test('pageOf() cuts a page out', async () => {
  assert.deepEqual(await page(0, 10), ['c', 'b', 'a'])
  assert.deepEqual(await page(1, 1), ['b'])
  assert.deepEqual(await page(2, 5), ['a'])
  for (const [start, size] of [
    [3, 5],
    [0, 0],
    [-1, 5],
    [0, -1],
  ] as const) {
    assert.deepEqual(await page(start, size), [], `${start} ${size}`)
  }
})

async function text(texts: readonly string[]): Promise<string> {
  async function* each() {
    for (const one of texts) yield Buffer.from(one)
  }
  const pieces: Buffer[] = []
  for await (const piece of joined('[', each(), ']')) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

test('joined() puts commas between', async () => {
  assert.equal(await text([]), '[]')
  assert.equal(await text(['1']), '[1]')
  assert.equal(await text(['1', '2', '3']), '[1,2,3]')
})

test('rendered() makes a text of each record', async () => {
  const engine = await documentEngines.map()
  const database = memoryDatabase(undefined, engine)
  for (const id of ['a', 'b']) await database.put(id, Buffer.from('{}'), undefined)
  const reader = engine.snapshot()
  const records = pageOf(reader, newestKeys(reader), { start: 0, pageSize: 9 })
  const texts: string[] = []
  for await (const text of rendered(records, (record) => Buffer.from(`<${record.id}>`))) {
    texts.push(text.toString())
  }
  assert.deepEqual(texts, ['<b>', '<a>'])
})
