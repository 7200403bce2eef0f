import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsedCondition } from '#server/query/parse-condition.ts'
import { Tokens } from '#server/query/tokens.ts'

function condition(text: string) {
  const tokens = new Tokens(text)
  const parsed = parsedCondition(tokens, 'p')
  tokens.expectEnd()
  return parsed
}

const is = (value: string) => ({ kind: 'is', value: { kind: 'literal', value } }) as const

for (const [text, parsed] of [
  ["id() = 'a'", is('a')],
  ["id(p) == 'a'", is('a')],
  ["id() != 'a'", { kind: 'not', condition: is('a') }],
  ["not (id() = 'a')", { kind: 'not', condition: is('a') }],
  ["not not id() = 'a'", is('a')],
  ['true', { kind: 'true' }],
  ['id() in ()', { kind: 'in', values: [] }],
  ["id() IN ($p, 'b')", { kind: 'in', values: [{ kind: 'parameter', name: 'p' }, is('b').value] }],
  ["startsWith(id(), 'a')", { kind: 'startsWith', value: is('a').value }],
  [
    "id() = 'a' or id() = 'b' and id() = 'c'",
    { kind: 'or', of: [is('a'), { kind: 'and', of: [is('b'), is('c')] }] },
  ],
  [
    "(id() = 'a' or id() = 'b') and true",
    { kind: 'and', of: [{ kind: 'or', of: [is('a'), is('b')] }, { kind: 'true' }] },
  ],
] as const) {
  test(`parsedCondition() reads ${text}`, () => assert.deepEqual(condition(text), parsed))
}

test('parsedCondition() bounds parentheses, not the length', () => {
  const deep = (depth: number) => `${'('.repeat(depth)}true${')'.repeat(depth)}`
  assert.deepEqual(condition(deep(64)), { kind: 'true' })
  assert.throws(() => condition(deep(65)), { code: 'QueryInvalid' })
  const long = condition(Array.from({ length: 5_000 }, () => "id()='a'").join(' or '))
  assert.ok(long.kind === 'or' && long.of.length === 5_000)
})

test('parsedCondition() takes a field named true for a field', () => {
  assert.throws(() => condition('true = 5'), /WHERE on the field "true"/)
})
