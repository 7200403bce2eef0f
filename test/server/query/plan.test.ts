import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { idKey } from '#server/database/ids.ts'
import { spelledJsOf } from '#server/database/json/number-text.ts'
import { queryConditionsMax, queryIdsMax } from '#server/limits.ts'
import { parsedQuery } from '#server/query/parse.ts'
import { planOf } from '#server/query/plan.ts'

function plan(
  text: string,
  parameters?: Record<string, unknown>,
  page = { start: 0, pageSize: 100 },
) {
  const given = parameters && new Map(Object.entries(parameters))
  return planOf(parsedQuery(text), { parameters: given, ...page })
}

const walk = (where: string, parameters?: Record<string, unknown>) =>
  plan(`from X where ${where}`, parameters).walk

test('planOf() walks over as little as the condition allows', () => {
  assert.deepEqual(walk('true'), { kind: 'all' })
  assert.deepEqual(walk("id() = 'B'"), { kind: 'keys', keys: ['b'] })
  assert.deepEqual(walk("id() in ('b', 'a', 'B')"), { kind: 'keys', keys: ['a', 'b'] })
  assert.deepEqual(walk("startsWith(id(), 'P/')"), { kind: 'prefix', prefix: 'p/' })
  assert.deepEqual(walk("startsWith(id(), 'p') and id() = 'p1'"), { kind: 'keys', keys: ['p1'] })
  assert.deepEqual(walk("startsWith(id(), 'p') and id() != 'p1'").kind, 'prefix')
  assert.deepEqual(walk("id() = 'b' or id() = 'a'"), { kind: 'keys', keys: ['a', 'b'] })
  assert.deepEqual(walk("id() = 'b' or startsWith(id(), 'a')"), { kind: 'all' })
  assert.deepEqual(walk("id() != 'b'"), { kind: 'all' })
})

test('planOf() puts parameters in, lists as their members', () => {
  assert.deepEqual(walk('id() = $p', { p: 'X' }), { kind: 'keys', keys: ['x'] })
  assert.deepEqual(walk('id() in ($p)', { p: ['b', null, 5] }), { kind: 'keys', keys: ['5', 'b'] })
  assert.deepEqual(walk('id() = $p', { p: null }), { kind: 'keys', keys: [] })
})

for (const number of ['9007199254740993', '12345678901234567890', '1.0', '1e5', '7']) {
  test(`planOf() looks for the id ${number} as it is spelled, in the text and in parameters`, () => {
    const keys = { kind: 'keys', keys: [idKey(number)] }
    assert.deepEqual(walk(`id() = ${number}`), keys)
    const parameters = spelledJsOf(Buffer.from(`{"p":[${number},[${number}]]}`))
    assert.deepEqual(walk('id() in ($p)', parameters as Record<string, unknown>), keys)
  })
}

test('planOf() takes a page only where its numbers are exact', () => {
  assert.equal(plan('from X limit 1e1').pageSize, 10)
  for (const limit of ['9007199254740993', '1e400', '9007199254740990.4'])
    assert.throws(() => plan(`from X limit ${limit}`), { code: 'QueryInvalid' })
})

test('planOf() refuses parameters that are missing or of another kind', () => {
  for (const [text, parameters] of [
    ['from X where id() = $p', undefined],
    ['from X where id() = $p', { q: 1 }],
    ['from X where startsWith(id(), $p)', { p: 5 }],
    ['from X limit $p', { p: 'x' }],
    ['from X limit $p', { p: 1.5 }],
    ['from X limit $p', { p: -1 }],
    ['from X limit 1 offset $p', { p: -1 }],
  ] as const) {
    assert.throws(() => plan(text, parameters), { code: 'QueryInvalid' }, text)
  }
  for (const page of [
    { start: -1, pageSize: 5 },
    { start: 0, pageSize: -5 },
  ]) {
    assert.throws(() => plan('from X', undefined, page), { code: 'QueryInvalid' })
  }
})

test('planOf() takes the narrower of the two pages', () => {
  const page = (text: string, parameters?: Record<string, unknown>) => {
    const { start, pageSize, limit } = plan(text, parameters, { start: 2, pageSize: 9 })
    return [start, pageSize, limit?.offset, limit?.count]
  }
  assert.deepEqual(page('from X'), [2, 9, undefined, undefined])
  assert.deepEqual(page('from X limit 5'), [2, 5, 0, 5])
  assert.deepEqual(page('from X limit 4, 20'), [4, 9, 4, 20])
  assert.deepEqual(page('from X limit $a, $b', { a: null, b: 3 }), [2, 3, 0, 3])
  assert.deepEqual(page('from X limit $a, $b', { a: 3, b: null }), [
    ...[3, 9, 3],
    Number.MAX_SAFE_INTEGER,
  ])
})

test('planOf() bounds the include paths', () => {
  const paths = Array.from({ length: 300 }, (_, index) => `p${index}`)
  assert.throws(() => plan(`from X include ${paths.join()}`), { code: 'LoadTooLarge' })
})

test('planOf() means the same ids whatever it walks over', () => {
  const ids = ['a', 'A1', 'b', 'B2', 'c/1']
  const atom = fc
    .tuple(fc.constantFrom('=', '!=', 'in', 'startsWith'), fc.constantFrom(...ids))
    .map(([operator, id]) => {
      if (operator === 'startsWith') return `startsWith(id(), '${id[0]}')`
      return operator === 'in' ? `id() in ('${id}', 'c/1')` : `id() ${operator} '${id}'`
    })
  const { condition } = fc.letrec<{ condition: string }>((tie) => ({
    condition: fc.oneof(
      { maxDepth: 3 },
      atom,
      fc
        .tuple(tie('condition'), fc.constantFrom('and', 'or'), tie('condition'))
        .map(([left, joiner, right]) => `(${left} ${joiner} ${right})`),
      tie('condition').map((inner) => `not (${inner})`),
    ),
  }))
  fc.assert(
    fc.property(condition, (where) => {
      const { walk: narrowed, isMeant } = plan(`from X where ${where}`)
      for (const id of ids) {
        const expression = where
          .replace(/startsWith\(id\(\), '(.)'\)/g, (_, start) =>
            String(id.toLowerCase().startsWith(start.toLowerCase())),
          )
          .replace(/id\(\) in \('(.*?)', 'c\/1'\)/g, (_, one) =>
            String([idKey(one), 'c/1'].includes(idKey(id))),
          )
          .replace(/id\(\) (!?=) '(.*?)'/g, (_, operator, one) =>
            String((idKey(one) === idKey(id)) === (operator === '=')),
          )
        const expected = truth(expression)
        const isWalked =
          narrowed.kind === 'all' ||
          (narrowed.kind === 'prefix'
            ? idKey(id).startsWith(narrowed.prefix)
            : narrowed.keys.includes(idKey(id)))
        assert.equal(isWalked && (isMeant?.(idKey(id)) ?? true), expected, `${where} for ${id}`)
      }
    }),
    { numRuns: 500 },
  )
})

/** `(true and not (false))`, reduced step by step. */
function truth(expression: string): boolean {
  let text = expression
  for (;;) {
    const shorter = text
      .replace(/\((true|false)\)/g, '$1')
      .replace(/not true/g, 'false')
      .replace(/not false/g, 'true')
      .replace(/\((true|false) and (true|false)\)/g, (_, a, b) =>
        String(a === 'true' && b === 'true'),
      )
      .replace(/\((true|false) or (true|false)\)/g, (_, a, b) =>
        String(a === 'true' || b === 'true'),
      )
    if (shorter === text) break
    text = shorter
  }
  assert.match(text, /^(true|false)$/)
  return text === 'true'
}

test('planOf() takes alternatives of ids for one list, and the shortest of those that all must hold', () => {
  assert.deepEqual(walk("(id() = 'b' and id() in ('b', 'c')) or id() = 'a'"), {
    kind: 'keys',
    keys: ['a', 'b'],
  })
  assert.deepEqual(walk("id() in ('a', 'b', 'c') and id() in ('b', 'x')"), {
    kind: 'keys',
    keys: ['b', 'x'],
  })
  const many = `from X where ${Array.from({ length: 400 }, () => 'id() in ($p)').join(' or ')}`
  const p = Array.from({ length: queryIdsMax }, (_, index) => `orders/${index}-of-a-long-kind`)
  const { testsPerKey, walk: narrow } = plan(many, { p })
  assert.deepEqual([testsPerKey, narrow.kind === 'keys' && narrow.keys.length], [1, queryIdsMax])
})

test('planOf() bounds the ids and the conditions that a short text stands for', () => {
  const tooLarge = { code: 'QueryTooLarge' }
  const p = Array.from({ length: 1_000 }, (_, index) => `orders/${index}`)
  const lists = Array.from({ length: 30 }, (_, index) => `id() in ($p, 'x${index}')`)
  assert.throws(() => plan(`from X where ${lists.join(' or ')}`, { p }), tooLarge)
  assert.throws(() => plan(`from X where ${lists.join(' and ')}`, { p }), tooLarge)
  assert.throws(() => plan('from X where id() in ($p)', { p: Array(30).fill(p) }), tooLarge)
  const nots = Array.from({ length: queryConditionsMax + 1 }, () => "startsWith(id(), 'x')")
  assert.throws(() => plan(`from X where ${nots.join(' or ')}`), tooLarge)
})
