import assert from 'node:assert/strict'
import { test } from 'node:test'
import { count, keysOf, scopeOf } from '#server/query/keys.ts'
import { parsedQuery } from '#server/query/parse.ts'
import { planOf } from '#server/query/plan.ts'
import { text } from '#server/storage/bytes.ts'
import { documentEngines, memoryDatabase } from '#test/support/database-app.ts'

const ids = ['ÿ/2', 'b', 'ÿ', 'ÿ/1', 'a', 'zz']

for (const [name, open] of Object.entries(documentEngines)) {
  test(`keysOf() can be walked over again and again, in both orders (${name})`, async (context) => {
    const engine = await open()
    context.after(() => engine.close())
    const database = memoryDatabase(undefined, engine)
    for (const id of ids) {
      await database.put(id, Buffer.from('{"@metadata":{"@collection":"C"}}'), undefined)
    }
    using reader = engine.snapshot()
    const scope = scopeOf(reader, 'c')
    assert.deepEqual(scope, { number: 1, documents: 6, lastEtag: 6 })
    const sorted = ['a', 'b', 'zz', 'ÿ', 'ÿ/1', 'ÿ/2']
    for (const [query, expected] of [
      ['from C', ids],
      ['from C order by id()', sorted],
      ['from C order by id() desc', sorted.toReversed()],
      ['from @all_docs order by id()', sorted],
      ["from C where startsWith(id(), 'Ÿ')", sorted.slice(3)],
      ["from C where startsWith(id(), 'ÿ') order by id() desc", sorted.slice(3).toReversed()],
      ["from C where id() in ('zz', 'a', 'x') order by id() desc", ['zz', 'a']],
    ] as const) {
      const given = { parameters: undefined, start: 0, pageSize: 9 }
      const plan = planOf(parsedQuery(query), given)
      assert.ok(scope !== undefined)
      const keys = await keysOf(reader, plan, scope)
      for (const _again of [1, 2]) {
        const meant = [...keys()].filter((key) => key !== undefined).map(text)
        assert.deepEqual(meant, expected, query)
      }
      assert.equal(await count(keys()), expected.length)
    }
  })
}

test('scopeOf() knows everything, and nothing of a collection that never was', async () => {
  const engine = await documentEngines.map()
  const database = memoryDatabase(undefined, engine)
  await database.put('a', Buffer.from('{}'), undefined)
  await database.delete('a', undefined)
  using reader = engine.snapshot()
  assert.deepEqual(scopeOf(reader, '@ALL_docs'), { number: undefined, documents: 0, lastEtag: 2 })
  assert.deepEqual(scopeOf(reader, '@empty'), { number: 1, documents: 0, lastEtag: 2 })
  assert.equal(scopeOf(reader, 'nosuch'), undefined)
})
