import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { placeOf, tokens } from '#server/query/lex.ts'

const kinds = (query: string) => tokens(query).map(({ kind, text }) => `${kind} ${text}`)

test('tokens() tells words, texts, numbers, parameters and symbols apart', () => {
  assert.deepEqual(kinds(`from 'Do\\'gs' as d where id(d) != $p0 // end\n limit -1.5e2`), [
    ...['word from', "text Do'gs", 'word as', 'word d', 'word where', 'word id', 'symbol ('],
    ...['word d', 'symbol )', 'symbol !=', 'parameter p0', 'word limit', 'number -1.5e2', 'end '],
  ])
  assert.deepEqual(kinds('@all_docs /* a * b */ "x\\"y" a[].b'), [
    ...['word @all_docs', 'text x"y', 'word a', 'symbol [', 'symbol ]', 'symbol .', 'word b'],
    'end ',
  ])
  assert.deepEqual(kinds("'open"), ["symbol '", 'word open', 'end '])
})

test('tokens() reads anything to its end', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (query) => {
      const all = tokens(query)
      assert.equal(all.at(-1)?.kind, 'end')
      assert.ok(all.every(({ at }, index) => at >= (all[index - 1]?.at ?? 0)))
    }),
  )
})

test('placeOf() counts lines and columns from 1', () => {
  assert.deepEqual(
    [0, 3, 5].map((at) => placeOf('abc\nde', at)),
    ['1:1', '1:4', '2:2'],
  )
})
