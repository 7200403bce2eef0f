import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokenRule } from '#operator/api/broken-rule.ts'
import type { FieldRule } from '#operator/api/common.ts'

const positive = (path: readonly string[]): FieldRule => ({
  path,
  message: 'must be positive',
  holds: (self) => Number(self) > 0,
})

test('brokenRule() names the first value that breaks a rule, inside lists too', () => {
  const rules = [positive(['a', 'b']), positive(['list', '[]', 'n'])]
  assert.equal(brokenRule(rules, { a: { b: 1 }, list: [{ n: 1 }] }), undefined)
  assert.equal(brokenRule(rules, { a: { b: 0 } }), '/spec/a/b: must be positive')
  const second = { list: [{ n: 1 }, { n: -1 }] }
  assert.equal(brokenRule(rules, second), '/spec/list/1/n: must be positive')
})

test('brokenRule() looks at nothing that is not there, and at no rule of the API server alone', () => {
  const rules = [
    positive(['a', 'b']),
    positive(['a', '[]']),
    { path: [], rule: 'false', message: '' },
  ]
  for (const spec of [{}, { a: {} }, { a: null }, { a: 'text' }, { a: { b: undefined } }])
    assert.equal(brokenRule(rules, spec), undefined)
})
