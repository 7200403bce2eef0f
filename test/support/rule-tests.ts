/** Tests of rules on fields: what holds, and what does not. */
import assert from 'node:assert/strict'
import { test } from 'node:test'

export interface RuleCases {
  readonly rule: { readonly holds?: (self: unknown) => boolean }
  readonly good: readonly unknown[]
  readonly bad: readonly unknown[]
}

export function ruleTests(cases: Readonly<Record<string, RuleCases>>): void {
  for (const [name, { rule, good, bad }] of Object.entries(cases)) {
    test(`${name} holds for what the API server, the server and the CA take`, () => {
      for (const value of good) assert.equal(rule.holds?.(value), true, JSON.stringify(value))
    })
    test(`${name} does not hold for any other value`, () => {
      for (const value of bad) assert.equal(rule.holds?.(value), false, JSON.stringify(value))
    })
  }
}
