import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  collectionNumber,
  collectionOf,
  collections,
  totals,
} from '#server/database/collections.ts'
import { documentEngines, memoryDatabase } from '#test/support/database-app.ts'

for (const [name, open] of Object.entries(documentEngines)) {
  test(`collections() counts documents and tombstones (${name})`, async (context) => {
    const engine = await open()
    context.after(() => engine.close())
    const database = memoryDatabase(undefined, engine)
    const put = (id: string, collection: string) =>
      database.put(id, Buffer.from(`{"@metadata":{"@collection":"${collection}"}}`), undefined)
    for (const [id, collection] of [
      ['u/1', 'Users'],
      ['u/2', 'USERS'],
      ['d/1', 'Dogs'],
      ['ü/1', 'Über'],
    ] as const) {
      await put(id, collection)
    }
    await database.delete('d/1', undefined)
    await database.delete('u/1', undefined)
    engine.read((reader) => {
      assert.deepEqual(collections(reader), [
        { name: 'Users', documents: 1, tombstones: 1, lastEtag: 6 },
        { name: 'Über', documents: 1, tombstones: 0, lastEtag: 4 },
      ])
      assert.deepEqual(totals(reader), { documents: 2, tombstones: 2 })
      assert.equal(collectionNumber(reader, 'ÜBER'), 3)
      assert.equal(collectionNumber(reader, 'nosuch'), undefined)
      assert.equal(collectionOf(reader, 2)?.name, 'Dogs')
      assert.equal(collectionOf(reader, 9), undefined)
    })
    // A document that comes back takes its tombstone away, wherever that was.
    await put('d/1', 'Users')
    engine.read((reader) => {
      assert.deepEqual(totals(reader), { documents: 3, tombstones: 1 })
      assert.equal(collectionOf(reader, 2)?.tombstones, 0)
    })
  })
}
