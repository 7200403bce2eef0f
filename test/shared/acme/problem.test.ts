import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AcmeProblem, problemOf, refusal, retryAfterMs, senseless } from '#shared/acme/problem.ts'

const now = Date.UTC(2026, 10, 25)

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
  assert.equal(problem.subproblems[0]?.name, 'shop.example')
})

test('refusal() reads a problem document, and makes do with a page of some proxy', () => {
  const said = JSON.stringify({ type: 'urn:ietf:params:acme:error:malformed', detail: 'no' })
  const read = refusal({ status: 400, headers: {}, body: Buffer.from(said) }, now)
  assert.deepEqual([read.type, read.detail, read.status], ['malformed', 'no', 400])
  const page = refusal({ status: 502, headers: {}, body: Buffer.from('<html>') }, now)
  assert.deepEqual([page.type, page.status], ['strongroom:noProblemDocument', 502])
  assert.match(page.detail, /the CA answers 502/)
})

test('problemOf() bounds what is kept', () => {
  const { type, detail } = problemOf({ type: 'x'.repeat(9999), detail: 'y'.repeat(9999) })
  assert.deepEqual([type.length, detail.length], [128, 1024])
  assert.deepEqual(problemOf({}), {
    type: 'about:blank',
    detail: 'it does not say why',
    subproblems: [],
  })
})

test('senseless() is a problem of ours with the status that came', () => {
  assert.equal(senseless(200, 'no order').type, 'strongroom:senselessAnswer')
})

test('retryAfterMs() reads seconds and dates, a date by the clock of whoever wrote it', () => {
  const date = (offset: number) => new Date(now + offset).toUTCString()
  const cases: readonly [string | undefined, string | undefined, number | undefined][] = [
    [undefined, undefined, undefined],
    ['soon', undefined, undefined],
    ['0', undefined, 0],
    [' 30 ', undefined, 30_000],
    ['999999999', undefined, 7 * 24 * 60 * 60 * 1000],
    [date(60_000), undefined, 60_000],
    [date(-60_000), undefined, 0],
    [date(3_600_000 + 60_000), date(3_600_000), 60_000],
  ]
  for (const [value, its, expected] of cases)
    assert.equal(retryAfterMs({ 'retry-after': value, date: its }, now), expected, value)
})
