import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Tokens } from '#server/query/tokens.ts'

test('Tokens compares keywords without regard to case, and steps only over what comes', () => {
  const tokens = new Tokens('FROM x')
  assert.ok(tokens.peek('from'))
  assert.ok(!tokens.took('where'))
  assert.ok(tokens.took('from'))
  assert.throws(
    () => tokens.expect('where', 'WHERE'),
    /at 1:6 there is "x", but WHERE was expected/,
  )
  assert.equal(tokens.name('a name'), 'x')
  tokens.expectEnd()
  assert.throws(() => tokens.expectSymbol(')'), /the query ends/)
})

test('Tokens.tookId() takes id() and id(alias)', () => {
  for (const [query, alias, takes] of [
    ['id()', undefined, true],
    ['ID ( )', undefined, true],
    ['id(d)', 'd', true],
    ['id()', 'd', true],
    ['id', undefined, false],
    ["'id()'", undefined, false],
  ] as const) {
    assert.equal(new Tokens(query).tookId(alias), takes, query)
  }
  for (const [query, alias] of [
    ['id(x)', undefined],
    ['id(x)', 'd'],
    ['id(= 5', undefined],
  ] as const) {
    assert.throws(() => new Tokens(query).tookId(alias), { code: 'QuerySyntax' }, query)
  }
})

test('Tokens.path() takes names, dots and brackets', () => {
  for (const path of ['a', 'a.b', 'a[].b', 'a[]']) {
    assert.equal(new Tokens(path).path('a path'), path)
  }
  assert.equal(new Tokens("'a b'.c").path('a path'), 'a b.c')
  assert.throws(() => new Tokens('a.').path('a path'), { code: 'QuerySyntax' })
  assert.throws(() => new Tokens('5').path('a path'), { code: 'QuerySyntax' })
})

test('Tokens.value() takes literals and parameters', () => {
  const values = [`'x'`, '"x"', '1.5', '-2', 'null', 'TRUE', 'false', '$p'].map((text) =>
    new Tokens(text).value('a value'),
  )
  assert.deepEqual(values, [
    ...['x', 'x', 1.5, -2, null, true, false].map((value) => ({ kind: 'literal', value })),
    { kind: 'parameter', name: 'p' },
  ])
  for (const text of ['x', '', ')', '$']) {
    assert.throws(() => new Tokens(text).value('a value'), { code: 'QuerySyntax' })
  }
})

test('Tokens.refuse() names what is not built', () => {
  const tokens = new Tokens('select x')
  tokens.refuse('load')
  assert.throws(() => tokens.refuse('select'), /SELECT is not supported yet/)
})
