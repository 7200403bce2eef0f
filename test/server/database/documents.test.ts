import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { document, etagOf, fits, newestKeys, prefixKeys } from '#server/database/documents.ts'
import { text } from '#server/storage/bytes.ts'
import { documentEngines, memoryDatabase } from '#test/support/database-app.ts'

const ids = ['people/3', 'people/1', 'PEOPLE/2', 'pets/1', 'other', 'Überzahl/1', 'pe']

async function stored(open: keyof typeof documentEngines = 'map') {
  const engine = await documentEngines[open]()
  const database = memoryDatabase(undefined, engine)
  for (const id of ids) await database.put(id, Buffer.from('{}'), undefined)
  return engine
}

for (const open of ['map', 'trees'] as const) {
  test(`prefixKeys() gives the ids of a prefix in order (${open})`, async (context) => {
    const engine = await stored(open)
    context.after(() => engine.close())
    const of = (
      prefix: string,
      more: { matches?: string[]; exclude?: string[]; startAfter?: string } = {},
    ) =>
      engine.read((reader) =>
        [...prefixKeys(reader, { prefix, matches: [], exclude: [], ...more })]
          .filter((key) => key !== undefined)
          .map(text),
      )
    assert.deepEqual(of('PEOPLE/'), ['people/1', 'people/2', 'people/3'])
    assert.deepEqual(of('über'), ['überzahl/1'])
    assert.deepEqual(of('nosuch'), [])
    assert.deepEqual(of(''), [...ids].map((id) => id.toLowerCase()).sort())
    assert.deepEqual(of('people', { matches: ['/1', '/2'] }), ['people/1', 'people/2'])
    assert.deepEqual(of('p', { matches: ['*1'], exclude: ['PET*'.slice(1)] }), ['people/1'])
    assert.deepEqual(of('people/', { matches: ['?'] }).length, 3)
    assert.deepEqual(of('people/', { startAfter: 'People/1' }), ['people/2', 'people/3'])
    assert.deepEqual(of('people/', { startAfter: 'a' }).length, 3)
    assert.deepEqual(of('people/', { startAfter: 'z' }), [])
  })

  test(`newestKeys() follows the changes (${open})`, async (context) => {
    const engine = await stored(open)
    context.after(() => engine.close())
    const keys = ids.map((id) => id.toLowerCase())
    engine.read((reader) => {
      assert.deepEqual([...newestKeys(reader)].map(text), keys.toReversed())
    })
  })
}

test('document() and etagOf() find an id whatever its case', async () => {
  const engine = await stored()
  engine.read((reader) => {
    assert.equal(document(reader, 'people/2')?.id, 'PEOPLE/2')
    assert.equal(etagOf(reader, 'pEOPLE/2'), 3)
    assert.equal(document(reader, 'nosuch'), undefined)
    assert.equal(etagOf(reader, 'nosuch'), undefined)
  })
})

test('fits() is what a regular expression of the pattern says', () => {
  const pattern = fc
    .array(fc.constantFrom('a', 'b', '*', '?'), { maxLength: 8 })
    .map((all) => all.join(''))
  const subject = fc.array(fc.constantFrom('a', 'b'), { maxLength: 8 }).map((all) => all.join(''))
  fc.assert(
    fc.property(pattern, subject, (one, other) => {
      const expression = new RegExp(`^${one.replaceAll('*', '.*').replaceAll('?', '.')}$`)
      assert.equal(fits(one, other), expression.test(other))
    }),
    { numRuns: 2_000 },
  )
})

test('fits() takes no longer for a bad pattern', () => {
  assert.equal(fits(`${'*a'.repeat(30)}b`, 'a'.repeat(500)), false)
})
