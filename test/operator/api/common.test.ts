import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { dnsName, hostName, objectName, unchangeable } from '#operator/api/common.ts'

const fits = (schema: TSchema, text: string): boolean => Compile(schema).Check(text)

test('objectName, hostName and dnsName take names and nothing that leaves its place', () => {
  const cases: readonly [text: string, object: boolean, host: boolean, dns: boolean][] = [
    ['vault', true, true, true],
    ['a-b.c-d', true, true, true],
    ['vault.example.com', true, true, true],
    ['*.example.com', false, false, true],
    ['a.*.com', false, false, false],
    ['*', false, false, false],
    ['-a', false, false, false],
    ['a-', false, false, false],
    ['A', false, false, false],
    ['a/b', false, false, false],
    ['../a', false, false, false],
    ['a b', false, false, false],
    ['a\nb', false, false, false],
    ['a..b', true, false, false],
    ['', false, false, false],
    ['a'.repeat(254), false, false, false],
  ]
  for (const [text, ...expected] of cases) {
    const found = [objectName, hostName, dnsName].map((schema) => fits(schema, text))
    assert.deepEqual(found, expected, JSON.stringify(text))
  }
})

test('unchangeable() compares a field with what it was', () => {
  assert.deepEqual(unchangeable(['a', 'b'], 'It'), {
    path: ['a', 'b'],
    rule: 'self == oldSelf',
    message: 'It cannot be changed: make a new resource',
  })
})
