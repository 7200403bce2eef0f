import assert from 'node:assert/strict'
import { test } from 'node:test'
import { firstFinding } from '#shared/checks.ts'

test('firstFinding() answers with the first in the order of the list, and asks no further', () => {
  const asked: string[] = []
  const check = (name: string, above: number) => (value: number) => {
    asked.push(name)
    return value > above ? name : undefined
  }
  const checks = [check('over ten', 10), check('over five', 5), check('over one', 1)]
  assert.equal(firstFinding(checks, 7), 'over five')
  assert.deepEqual(asked, ['over ten', 'over five'])
  assert.equal(firstFinding(checks, 0), undefined)
  assert.equal(firstFinding([], 1), undefined)
})
