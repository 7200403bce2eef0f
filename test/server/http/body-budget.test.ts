import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BodyBudget } from '#server/http/body-budget.ts'

const bounds = { bytesMax: 100, bytesPerCallerMax: 60 }

test('BodyBudget bounds each caller by address and by certificate', () => {
  const budget = new BodyBudget(bounds)
  const one = budget.share(['10.0.0.1', 'AA'])
  one.add(50)
  assert.throws(() => one.add(11), { code: 'CallerBusy', status: 429 })
  assert.throws(() => budget.share(['10.0.0.1']).add(11), { code: 'CallerBusy' })
  assert.throws(() => budget.share(['10.0.0.2', 'AA']).add(11), { code: 'CallerBusy' })
  budget.share(['10.0.0.2', 'BB']).add(11)
  assert.equal(budget.bytes, 61)
})

test('BodyBudget bounds all together, says when to come again, and forgets what is released', () => {
  const budget = new BodyBudget(bounds)
  const shares = ['10.0.0.1', '10.0.0.2'].map((address) => budget.share([address]))
  for (const share of shares) share.add(50)
  const refused = () => budget.share(['10.0.0.3']).add(1)
  assert.throws(refused, { code: 'ServerBusy', status: 503, headers: { 'Retry-After': '1' } })
  for (const share of [...shares, ...shares]) share.release()
  assert.equal(budget.bytes, 0)
  assert.doesNotThrow(refused)
})
