import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gatherIncludes, includePath } from '#server/database/includes.ts'

const body = {
  Boss: 'people/1',
  Bosses: ['people/1', 'people/2', 5, null, ''],
  Lines: [{ Product: 'products/1' }, { Product: ['products/2'] }, 7],
  Deep: { A: { B: 'deep/1' } },
  Number: 1,
  constructor: 'own',
}

function ids(...paths: string[]): string[] {
  const found = new Set<string>()
  const record = {
    ...{ id: 'x', etag: 1, lastModified: 0, collection: 1, bodyIsEmpty: false },
    metadata: Buffer.from('"Owner":"people/9"'),
    body: Buffer.from(JSON.stringify(body)),
  }
  gatherIncludes(record, paths.map(includePath), found)
  return [...found]
}

for (const [path, found] of [
  ['Boss', ['people/1']],
  ['boss', []],
  ['Nope', []],
  ['Boss.Nope', []],
  ['toString', []],
  ['constructor', ['own']],
  ['Bosses', ['people/1', 'people/2']],
  ['Bosses[]', ['people/1', 'people/2']],
  ['Lines[].Product', ['products/1', 'products/2']],
  ['Lines.Product', ['products/1', 'products/2']],
  ['Deep.A.B', ['deep/1']],
  ['Deep', []],
  ['Number', []],
  ['Number(people/)', ['people/1']],
  ['Boss(x-)', ['x-people/1']],
  ['@metadata.Owner', ['people/9']],
  ['', []],
] as const) {
  test(`gatherIncludes() finds ${JSON.stringify(found)} at "${path}"`, () =>
    assert.deepEqual(ids(path), found))
}

test('gatherIncludes() names each id once, in the order found', () => {
  assert.deepEqual(ids('Bosses', 'Boss', 'Deep.A.B'), ['people/1', 'people/2', 'deep/1'])
})

test('includePath() keeps the path as it was given', () => {
  assert.equal(includePath('Lines[].Product').text, 'Lines[].Product')
})
