import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gatherIncludes, includePath } from '#server/database/includes.ts'
import { includePieceBytes } from '#server/limits.ts'
import { ended } from '#test/support/steps.ts'

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
  ended(gatherIncludes(record, paths.map(includePath), found))
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

for (const number of ['9007199254740993', '12345678901234567890', '1.0', '1e5', '-0', '7']) {
  test(`gatherIncludes() follows ${number} to the document of that spelling, and to no other`, () => {
    const long = `"long":"${'x'.repeat(includePieceBytes)}"`
    for (const more of ['"a":1', long]) {
      const found = new Set<string>()
      const record = {
        ...{ id: 'x', etag: 1, lastModified: 0, collection: 1, bodyIsEmpty: false },
        metadata: Buffer.from(`"Owner":${number}`),
        body: Buffer.from(`{"Boss":${number},"All":[{"Of":${number}}],${more}}`),
      }
      const paths = ['Boss(b/)', 'All[].Of(a/)', '@metadata.Owner(m/)', 'Boss']
      for (const _ of gatherIncludes(record, paths.map(includePath), found));
      assert.deepEqual([...found], [`b/${number}`, `a/${number}`, `m/${number}`])
    }
  })
}

test('includePath() keeps the path as it was given', () => {
  assert.equal(includePath('Lines[].Product').text, 'Lines[].Product')
})

test('gatherIncludes() finds the same in a document that is too long to be parsed in one go', () => {
  const long = 'x'.repeat(includePieceBytes)
  const lines = [
    { Product: 'products/1', long },
    [{ Product: 'products/2' }],
    { long: 'products/3' },
  ]
  const deep = { A: [{ B: ['deep/1', { C: 5 }], long }], long, Number: 7 }
  const body = { Lines: lines, Deep: deep, long, Boss: 'people/1' }
  const found = new Set<string>()
  const record = {
    ...{ id: 'x', etag: 1, lastModified: 0, collection: 1, bodyIsEmpty: false },
    metadata: Buffer.from('"Owner":"people/9"'),
    body: Buffer.from(JSON.stringify(body)),
  }
  const paths = ['Boss', 'Lines[].Product', 'Deep.A.B', 'Deep.Number(n/)', 'Deep.A.Nope', 'Nope']
  const steps = [...gatherIncludes(record, [...paths, '@metadata.Owner'].map(includePath), found)]
  assert.deepEqual(
    [...found],
    ['people/1', 'products/1', 'products/2', 'deep/1', 'n/7', 'people/9'],
  )
  assert.ok(steps.length > 10)
})

test('gatherIncludes() gives others their turn on many paths through one long array', () => {
  const record = {
    ...{ id: 'x', etag: 1, lastModified: 0, collection: 1, bodyIsEmpty: false },
    metadata: Buffer.alloc(0),
    body: Buffer.from(JSON.stringify({ L: Array.from({ length: 1_000 }, () => ({ a: 1 })) })),
  }
  const paths = Array.from({ length: 50 }, (_, index) => includePath(`L.x${index}`))
  assert.ok([...gatherIncludes(record, paths, new Set())].length >= 50_000)
})
