import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nearestOf } from '#shared/nearest.ts'

test('nearestOf() finds the word with the fewest letters to change, in any case', () => {
  const known = ['NotAfter', 'NotBefore', 'Name']
  for (const [word, wanted] of [
    ['notafter', 'NotAfter'],
    ['NotAftre', 'NotAfter'],
    ['nam', 'Name'],
    ['NotBefor', 'NotBefore'],
  ] as const) {
    assert.equal(nearestOf(word, known), wanted)
  }
  assert.equal(nearestOf('x', []), undefined)
  assert.equal(nearestOf('NotBefore'.repeat(100_000), known), 'NotBefore')
})
