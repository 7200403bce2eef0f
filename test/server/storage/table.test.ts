import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keyOf, textPart, unsignedPart } from '#server/storage/codec.ts'
import type { Writer } from '#server/storage/engine.types.ts'
import { defineTable } from '#server/storage/table.ts'
import { mapEngine } from '#test/support/map-engine.ts'

const people = defineTable<[string, number], { name: string }>({
  tree: 3,
  key: keyOf<[string, number]>(textPart, unsignedPart),
  encode: ({ name }) => Buffer.from(name),
  decode: (bytes) => ({ name: bytes.toString() }),
})

function engine() {
  return mapEngine(function* apply(writer, change: (writer: Writer) => unknown) {
    yield
    return change(writer)
  })
}

test('defineTable() keeps typed records under typed keys, in their order', async () => {
  const store = engine()
  await store.submit((writer) => {
    people.put(writer, { key: ['Berlin', 10], record: { name: 'Ada' } })
    people.put(writer, { key: ['Berlin', 9], record: { name: 'Bo' } })
    people.put(writer, { key: ['Aachen', 11], record: { name: 'Cy' } })
  })
  assert.deepEqual(
    store.read((reader) => people.get(reader, 'Berlin', 10)),
    { name: 'Ada' },
  )
  assert.equal(
    store.read((reader) => people.get(reader, 'Berlin', 11)),
    undefined,
  )
  const rows = store.read((reader) => [...people.rows(reader)].map(({ key }) => key))
  assert.deepEqual(rows, [
    ['Aachen', 11],
    ['Berlin', 9],
    ['Berlin', 10],
  ])
  const inBerlin = store.read((reader) => [...people.rows(reader, people.key.under('Berlin'))])
  assert.deepEqual(
    inBerlin.map(({ record }) => record.name),
    ['Bo', 'Ada'],
  )
})

test('defineTable() deletes by key and counts', async () => {
  const store = engine()
  await store.submit((writer) =>
    people.put(writer, { key: ['Berlin', 1], record: { name: 'Ada' } }),
  )
  assert.equal(await store.submit((writer) => people.delete(writer, 'Berlin', 2)), false)
  assert.equal(
    store.read((reader) => people.count(reader)),
    1,
  )
  assert.equal(await store.submit((writer) => people.delete(writer, 'Berlin', 1)), true)
  assert.equal(
    store.read((reader) => people.count(reader)),
    0,
  )
})
