import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { membersOf, parsedInSteps } from '#server/database/json/javascript.ts'
import { inSlices } from '#server/database/slices.ts'
import { jsonPieceBytes } from '#server/limits.ts'

const long = 'x'.repeat(jsonPieceBytes)

test('membersOf() is what JSON.parse() makes of the text, however long it is', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.boolean(),
      async (some, isLong) => {
        const text = JSON.stringify(isLong ? { some, long, list: [some, { long, some }] } : some)
        assert.deepEqual(await membersOf(Buffer.from(text)), JSON.parse(text))
      },
    ),
    { numRuns: 40 },
  )
})

test('membersOf() takes "__proto__" for a name like any other', async () => {
  for (const more of ['', `,"long":"${long}"`]) {
    const members = await membersOf(Buffer.from(`{"__proto__":{"admin":true}${more}}`))
    assert.equal(Object.getPrototypeOf(members), Object.prototype)
    assert.deepEqual(Object.getOwnPropertyDescriptor(members, '__proto__')?.value, { admin: true })
  }
})

test('membersOf() refuses what is no object, and no JSON', async () => {
  await assert.rejects(membersOf(Buffer.from('[]')), { code: 'JsonNotAnObject' })
  await assert.rejects(membersOf(Buffer.from('{')), { code: 'JsonInvalid' })
})

test('parsedInSteps() takes a long text in pieces', async () => {
  const names = Array.from({ length: 30_000 }, (_, index) => `"name ${index}":[${index}]`)
  const text = Buffer.from(`{${names.join()}}`)
  assert.ok([...parsedInSteps(text)].length > 1_000)
  assert.deepEqual(await inSlices(parsedInSteps(text)), JSON.parse(text.toString()))
})
