import assert from 'node:assert/strict'
import { test } from 'node:test'
import { beforeLastMetadata, cutMetadata, resultTexts } from './metadata-cut.ts'
import { realDocuments } from './real-documents.ts'

test('cutMetadata() takes the member and one comma, wherever it stands', () => {
  const cases = [
    ['{"a":1,"@metadata":{"x":"}"}}', '{"a":1', '}'],
    ['{"@metadata":{"x":"\\""},"a":1}', '{', '"a":1}'],
    ['{ "a" : 1 , "@metadata" : {} , "b" : 2 }', '{ "a" : 1', '"b" : 2 }'],
    ['{"@metadata":{}}', '{', '}'],
    [
      '{"a":{"@metadata":{}},"s":"\\"@metadata\\":{}"}',
      '{"a":{"@metadata":{}},"s":"\\"@metadata\\":{}"}',
      '',
    ],
  ] as const
  for (const [text, before, after] of cases) {
    const cut = cutMetadata(text)
    assert.deepEqual([cut.before, cut.after], [before, after])
  }
})

test('cutMetadata() leaves what the parser sees of the rest', () => {
  for (const { text } of realDocuments({ seed: 3, count: 500, largeEvery: 1_000_000 })) {
    const { '@metadata': metadata, ...rest } = JSON.parse(text)
    const { before, after, metadata: cut } = cutMetadata(text)
    const comma = before !== '{' && after !== '' && !/^\s*}$/.test(after)
    assert.deepEqual(JSON.parse(before + (comma ? ',' : '') + after), rest)
    assert.deepEqual(cut, metadata)
  }
})

test('beforeLastMetadata() keeps all white space', () => {
  assert.equal(beforeLastMetadata('{ "a" : 1 ,"@metadata":{}}'), '{ "a" : 1 ')
  assert.equal(beforeLastMetadata('{"@metadata":{}}'), '{')
  assert.throws(() => beforeLastMetadata('{"@metadata":{},"a":1}'), /not the last/)
})

test('resultTexts() gives the texts of the results as they are', () => {
  assert.deepEqual(resultTexts('{"Includes":{},"Results":[{"a":[1, 2]} , null]}'), [
    '{"a":[1, 2]}',
    'null',
  ])
})
