import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GoldenStep } from './golden.ts'
import { covering, differences } from './judge.ts'

const golden: GoldenStep = {
  status: 200,
  headers: { 'content-type': 'application/json', body: 'present' },
  body: { Results: [{ Id: 'a', N: 1 }, null] },
}

test('differences: none between a record and itself', () => {
  assert.deepEqual(differences(golden, structuredClone(golden)), [])
})

test('differences: names the place of every value, type, member and length that differs', () => {
  const answer = { ...golden, headers: { body: 'none', etag: '1' }, body: { Results: [{ Id: 2 }] } }
  assert.deepEqual(
    differences(golden, answer).map(({ at }) => at),
    [
      'header.content-type',
      'header.body',
      'header.etag',
      'body.Results',
      'body.Results[0].Id',
      'body.Results[0].N',
    ],
  )
})

test('differences: bodies are left alone where the status differs', () => {
  const found = differences(golden, { ...golden, status: 404, body: null })
  assert.deepEqual(found, [{ at: 'status', text: '200 expected, 404 here' }])
})

test('differences: an answer that never ended is not one that did', () => {
  const [found] = differences(golden, { ...golden, open: 'cut' })
  assert.equal(found?.at, 'open')
})

const cases = [
  { pattern: 'docs/put', what: undefined, covers: true },
  { pattern: 'docs/*', what: undefined, covers: true },
  { pattern: '*put', what: ['status'], covers: false },
  { pattern: '*/p*t', what: ['status', 'body.*.Id'], covers: true },
  { pattern: 'docs/pu', what: undefined, covers: false },
  { pattern: 'docs/put*put', what: undefined, covers: false },
]

for (const { pattern, what, covers } of cases) {
  test(`covering: "${pattern}" at ${what ?? 'any place'} covers: ${covers}`, () => {
    const entry = { step: pattern, reason: 'r', ...(what ? { what } : {}) }
    const found = covering([entry], 'docs/put', { at: 'body.Results[0].Id', text: '' })
    assert.equal(found.length, covers ? 1 : 0)
  })
}
