import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AcmeProblem } from '#shared/acme/problem.ts'

test('AcmeProblem keeps what the CA said, and says it', () => {
  const problem = new AcmeProblem({
    status: 429,
    type: 'rateLimited',
    detail: 'too many orders',
    subproblems: [{ type: 'dns', detail: 'no such name', name: 'shop.example' }],
    retryAfterMs: 5000,
  })
  assert.equal(problem.message, 'The CA refuses (429 rateLimited): too many orders')
  assert.equal(problem.retryAfterMs, 5000)
  assert.deepEqual(problem.subproblems[0]?.name, 'shop.example')
})
