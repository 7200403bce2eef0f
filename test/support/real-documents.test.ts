import assert from 'node:assert/strict'
import { test } from 'node:test'
import { realDocuments } from './real-documents.ts'

test('realDocuments() are JSON objects with ids of their own, from two bytes to two megabytes', () => {
  const documents = [...realDocuments({ seed: 1, count: 2_000, largeEvery: 1_000 })]
  const sizes = documents.map(({ text }) => Buffer.byteLength(text)).sort((a, b) => a - b)
  assert.equal(new Set(documents.map(({ id }) => id.toLowerCase())).size, documents.length)
  assert.equal(sizes[0], 2)
  assert.ok((sizes.at(-1) ?? 0) > 2_000_000)
  for (const { text } of documents) assert.equal(typeof JSON.parse(text), 'object')
})

test('realDocuments() hold what a parser would change', () => {
  const whole = [...realDocuments({ seed: 1, count: 2_000, largeEvery: 1_000_000 })]
    .map(({ text }) => text)
    .join('')
  for (const spelling of [
    '1.10',
    '1e5',
    '-0',
    '12345678901234567890',
    '\\u0000',
    '\\/',
    '\u{10ffff}',
    '\u2028',
    '[]',
    '{}',
  ])
    assert.ok(whole.includes(spelling), spelling)
})

test('realDocuments() are the same for the same seed', () => {
  const texts = (seed: number) =>
    [...realDocuments({ seed, count: 50 })].map(({ id, text }) => id + text)
  assert.deepEqual(texts(7), texts(7))
  assert.notDeepEqual(texts(7), texts(8))
})
