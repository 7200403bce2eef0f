import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cutMetadata, resultTexts } from './metadata-cut.ts'
import { realDocuments } from './real-documents.ts'

test('cutMetadata() takes the member and one comma, wherever it stands', () => {
  const cases = [
    ['{"a":1,"@metadata":{"x":"}"}}', '{"a":1}'],
    ['{"@metadata":{"x":"\\""},"a":1}', '{"a":1}'],
    ['{ "a" : 1 , "@metadata" : {} , "b" : 2 }', '{ "a" : 1, "b" : 2 }'],
    ['{"@metadata":{}}', '{}'],
    [
      '{"a":{"@metadata":{}},"s":"\\"@metadata\\":{}"}',
      '{"a":{"@metadata":{}},"s":"\\"@metadata\\":{}"}',
    ],
  ] as const
  for (const [text, outside] of cases)
    assert.equal(strip(cutMetadata(text).outside), strip(outside))
})

test('cutMetadata() leaves what the parser sees of the rest', () => {
  for (const { text } of realDocuments({ seed: 3, count: 500, largeEvery: 1_000_000 })) {
    const { '@metadata': metadata, ...rest } = JSON.parse(text)
    const cut = cutMetadata(text)
    assert.deepEqual(JSON.parse(cut.outside), rest)
    assert.deepEqual(cut.metadata, metadata)
  }
})

test('resultTexts() gives the texts of the results as they are', () => {
  assert.deepEqual(resultTexts('{"Includes":{},"Results":[{"a":[1, 2]} , null]}'), [
    '{"a":[1, 2]}',
    'null',
  ])
})

/** White space beside the place of the cut is not promised. */
function strip(text: string): string {
  return text.replaceAll(/\s/g, '')
}
