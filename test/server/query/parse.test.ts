import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parsedQuery } from '#server/query/parse.ts'
import { CodedError } from '#shared/errors.ts'

const all = { kind: 'true' } as const
const literal = (value: string | number | null) => ({ kind: 'literal', value }) as const
const parameter = (name: string) => ({ kind: 'parameter', name }) as const
const collection = (name: string) => ({ kind: 'collection', name }) as const

for (const [text, query] of [
  ['from People', { source: collection('People'), where: all, includes: [] }],
  [`FROM 'Peo\\'ple'`, { source: collection("Peo'ple"), where: all, includes: [] }],
  ['from @all_docs', { source: collection('@all_docs'), where: all, includes: [] }],
  ['from index', { source: collection('index'), where: all, includes: [] }],
  [
    `from index 'A/B' where x = 1`,
    { source: { kind: 'index', name: 'A/B' }, where: all, includes: [] },
  ],
  ['from People as p // c', { source: collection('People'), where: all, includes: [] }],
  [
    'from People p order by id(p) desc, id() limit $a, $b',
    {
      ...{ source: collection('People'), where: all, includes: [], order: 'descending' },
      ...{ offset: parameter('a'), limit: parameter('b') },
    },
  ],
  [
    'from People order by id() as string limit 5 offset null',
    {
      ...{ source: collection('People'), where: all, includes: [], order: 'ascending' },
      ...{ offset: literal(null), limit: literal(5) },
    },
  ],
  [
    `from People as p include p.Boss, 'Lines[].Product', Other.p`,
    { source: collection('People'), where: all, includes: ['Boss', 'Lines[].Product', 'Other.p'] },
  ],
] as const) {
  test(`parsedQuery() reads ${text}`, () => assert.deepEqual(parsedQuery(text), query))
}

for (const [text, construct] of [
  ['declare function f() { return 1 + 2 } from People', 'DECLARE'],
  ['from People where Name = 1', 'WHERE on the field "Name"'],
  ['from People where Home.Zip = 1', 'WHERE on the field "Home.Zip"'],
  ["from People where search(Name, 'x')", 'search() in WHERE'],
  ["from People where exact(id() = 'x')", 'exact() in WHERE'],
  ["from People where startsWith(Name, 'x')", 'startsWith() on the field "Name"'],
  ["from People where id() > 'x'", 'id() >'],
  ["from People where id() between 'a' and 'b'", 'id() between'],
  ['from People order by Name', 'ORDER BY Name'],
  ['from People order by id() as long', 'ORDER BY id() as long'],
  ['from People order by random()', 'ORDER BY random'],
  ['from People group by City select City', 'GROUP'],
  ['from People as p load p.Boss as b select b', 'LOAD'],
  ["from People as p select { N: p.Name + '!' }", 'SELECT'],
  ['from People update { this.x = 1 }', 'UPDATE'],
  ["from People include counters('likes')", 'INCLUDE counters()'],
  ['from People filter Age > 5', 'FILTER'],
  ['from People limit 5 filter_limit 10', 'FILTER_LIMIT'],
  ["from People (Name = 'x')", 'a condition inside FROM'],
] as const) {
  test(`parsedQuery() says that ${construct} is not supported yet`, () => {
    assert.throws(() => parsedQuery(text), {
      code: 'QueryNotSupported',
      message: `Cannot run the query: ${construct} is not supported yet`,
    })
  })
}

for (const [text, place] of [
  ['select * from People', '1:1'],
  ['from', '1:5'],
  ['from 5', '1:6'],
  ['from People where', '1:18'],
  ['from People where id(', '1:22'],
  ["from People where id( = 'x'", '1:23'],
  ['from People where id() =', '1:25'],
  ['from People where id()', '1:23'],
  ["from People where (id() = 'x'", '1:30'],
  ["from People where id() in 'x'", '1:27'],
  ["from People where id() in ('x'", '1:31'],
  ['from People -- c', '1:13'],
  ['from People;', '1:12'],
  ['from People\nlimit', '2:6'],
  ['from People limit 1,', '1:21'],
  ['from People order id()', '1:19'],
  ['from People include', '1:20'],
] as const) {
  test(`parsedQuery() says where ${JSON.stringify(text)} goes wrong`, () => {
    assert.throws(() => parsedQuery(text), {
      code: 'QuerySyntax',
      message: new RegExp(`^Cannot read the query: at ${place} `),
    })
  })
}

test('parsedQuery() wants a text that is not too long', () => {
  for (const text of ['', ' \n']) {
    assert.throws(() => parsedQuery(text), { code: 'QueryTextMissing' })
  }
  assert.throws(() => parsedQuery('x'.repeat(70_000)), { code: 'QueryTooLong' })
})

test('parsedQuery() reads anything or refuses it with a code', () => {
  const word = fc.constantFrom(
    ...[
      'from',
      'People',
      'where',
      'id()',
      'in',
      '=',
      "'x'",
      '$p',
      '(',
      ')',
      ',',
      'and',
      'or',
      'not',
    ],
    ...[
      'order by',
      'limit',
      'include',
      '5',
      'select',
      '.',
      '[',
      ']',
      'as',
      'startsWith(',
      'index',
      '"',
    ],
  )
  fc.assert(
    fc.property(fc.array(word, { maxLength: 12 }), (words) => {
      try {
        assert.equal(typeof parsedQuery(`from ${words.join(' ')}`).source.name, 'string')
      } catch (error) {
        assert.ok(error instanceof CodedError, String(error))
      }
    }),
    { numRuns: 2_000 },
  )
})
