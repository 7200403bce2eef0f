import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stall } from '#operator/access/halts.ts'
import { IssuerTrouble, troubleOf, wordsOf } from '#operator/issuers/trouble.ts'
import { HttpsFailure } from '#shared/acme/https.ts'
import { AcmeProblem } from '#shared/acme/problem.ts'
import { problem } from '#test/support/fake-accounts.ts'

const found = (error: Error): string => {
  const { halt } = troubleOf(error)
  return `${halt.kind} ${halt.reason}`
}

test('troubleOf() names what may pass and what somebody must mend', () => {
  const cases: readonly [Error, string][] = [
    [new HttpsFailure('https://ca.example', 'does not answer'), 'wait DirectoryUnreachable'],
    [problem('serverInternal', 'x', 503), 'wait DirectoryUnreachable'],
    [problem('badNonce', 'x'), 'wait DirectoryUnreachable'],
    [problem('rateLimited', 'x', 403), 'wait RateLimited'],
    [problem('malformed', 'x', 429), 'wait RateLimited'],
    [problem('externalAccountRequired', 'x', 403), 'stalled ExternalAccountRequired'],
    [problem('invalidContact', 'x'), 'stalled ContactRefused'],
    [problem('unsupportedContact', 'x'), 'stalled ContactRefused'],
    [problem('userActionRequired', 'x', 403), 'stalled TermsRefused'],
    [problem('accountDoesNotExist', 'x'), 'stalled AccountKeyUnknown'],
    [problem('malformed', 'x'), 'stalled AccountRefused'],
    [new IssuerTrouble(stall('ProfileUnknown', 'x')), 'stalled ProfileUnknown'],
  ]
  for (const [error, expected] of cases) assert.equal(found(error), expected, String(error))
})

test('troubleOf() keeps when the CA may be asked again', () => {
  const refusal = { status: 429, type: 'rateLimited', detail: 'x', subproblems: [] }
  assert.equal(troubleOf(new AcmeProblem({ ...refusal, retryAfterMs: 17_000 })).afterMs, 17_000)
  assert.equal(troubleOf(new AcmeProblem(refusal)).afterMs, undefined)
})

test('troubleOf() throws what is no answer of a CA', () => {
  const mistake = new TypeError('ours')
  assert.throws(() => troubleOf(mistake), mistake)
})

test('wordsOf() are the words of the CA in one bounded line', () => {
  const subproblems = [{ type: 'malformed', detail: 'too\nlong', name: 'a.example' }]
  const said = new AcmeProblem({
    status: 400,
    type: 'compound',
    detail: 'two\u0000faults',
    subproblems,
  })
  assert.equal(wordsOf(said), 'The CA says: two faults; a.example too long (400 compound)')
  assert.equal(wordsOf(problem('malformed', 'x'.repeat(5_000))).length, 1_024)
})
