import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as rules from '#operator/api/rules.ts'
import { ruleTests } from '#test/support/rule-tests.ts'

const map = (...keys: readonly string[]): Record<string, string> =>
  Object.fromEntries(keys.map((key) => [key, 'x']))

ruleTests({
  'qualifiedKeys()': {
    rule: rules.qualifiedKeys([]),
    good: [{}, map('a', 'example.com/b')],
    bad: [map('a b'), map('a', '-'), map('/a'), map(''), map(`${'a'.repeat(254)}/b`), map('a\n')],
  },
  'exactlyOne()': {
    rule: rules.exactlyOne([], ['a', 'b'], ''),
    good: [{ a: 1 }, { b: {} }, { a: 1, c: 2 }],
    bad: [{}, { a: 1, b: 2 }, { c: 1 }],
  },
  'noKeysOfOurs()': {
    rule: rules.noKeysOfOurs([]),
    good: [{}, map('team', 'app.kubernetes.io/version')],
    bad: [map('strongroom.dev/cluster'), map('strongroom.dev/new'), map('app.kubernetes.io/name')],
  },
  'containerAmounts()': {
    rule: rules.containerAmounts([]),
    good: [{}, { cpu: '0', memory: '1Gi', 'ephemeral-storage': '1G' }],
    bad: [{ gpu: '1' }, { storage: '1Gi' }, { memory: '9999P' }, { 'example.com/gpu': '1' }],
  },
  'amountWithin()': {
    rule: rules.amountWithin([], { least: '64Mi', most: '1E', message: '' }),
    good: ['64Mi', '1Gi', '1000P'],
    bad: ['0', '1', '63Mi', '-1Gi', '1001P', 'much', ''],
  },
})

test('countOf() counts the fields that are there', () => {
  assert.equal(rules.countOf({ a: 1, b: undefined, c: null }, ['a', 'b', 'c', 'd']), 2)
})

test('literal() makes a text of CEL that means the same text', () => {
  assert.equal(rules.literal("a'b\\c"), "'a\\'b\\\\c'")
})
