import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { foldCase } from '#shared/fold-case.ts'

/** Sets of characters that RavenDB 7.2.7 does not tell apart, as `test/peer/record-fold-case.ts` recorded them. */
const recorded = JSON.parse(
  readFileSync(path.join(import.meta.dirname, '../peer/golden-7.2/fold-case.json'), 'utf8'),
) as readonly string[]
const sets = recorded.flatMap((line) => line.split(' ')).map((set) => [...set])

test('foldCase() folds together what RavenDB does not tell apart, and nothing else, in all planes', () => {
  const setOf = new Map(sets.flatMap((set) => set.map((character) => [character, set])))
  assert.ok(sets.length > 1_100)
  for (let point = 0; point <= 0x10_ffff; point++) {
    if (point >= 0xd800 && point < 0xe000) continue
    const character = String.fromCodePoint(point)
    const folded = foldCase(character)
    const set = setOf.get(character)
    const first = set === undefined ? character : foldCase(set[0] ?? '')
    if (folded !== first) assert.equal(folded, first, `U+${point.toString(16)}`)
    if (set?.includes(folded) === false) assert.fail(`U+${point.toString(16)} leaves its set`)
  }
})

test('foldCase() gives small letters', () => {
  assert.equal(foldCase('Users/1-A ÄÖÜ ΔΣ ЖЯ ẞ'), 'users/1-a äöü δσ жя ß')
})

for (const [text, why] of [
  ['ΟΔΟΣ', 'a sigma at the end of a word'],
  ['İ', 'a letter that JavaScript makes two of'],
  ['ŉǰΐﬁß', 'letters whose capitals are several'],
  ['\u{10400}\u{1e900}', 'characters beyond U+FFFF'],
  ['i\u0307\u0345', 'marks'],
] as const) {
  test(`foldCase() keeps the length of ${why}`, () => {
    assert.equal(foldCase(text).length, text.length)
  })
}

test('foldCase() folds a letter alike whatever stands beside it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (one, other) => {
      assert.equal(foldCase(one + other), foldCase(one) + foldCase(other))
      assert.equal(foldCase(foldCase(one)), foldCase(one))
      assert.equal(foldCase(one).length, one.length)
    }),
  )
})

test('foldCase() keeps halves of characters apart', () => {
  assert.equal(foldCase('a\ud801B'), 'a\ud801b')
})
