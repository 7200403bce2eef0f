import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wait } from '#operator/access/halts.ts'
import type { StrongroomIssuerStatus } from '#operator/api/issuer.ts'
import type { Answer } from '#operator/issuers/ask.ts'
import type { Observed } from '#operator/issuers/observe.ts'
import type { Decision } from '#operator/issuers/plan.ts'
import { statusOf } from '#operator/issuers/status.ts'
import { year2026 as nowMs } from '#test/support/certificates.ts'
import { issuer } from '#test/support/resources.ts'

const account = {
  url: 'https://ca.example/account/1',
  server: 'https://ca.example/directory',
  keyThumbprint: 'one',
  checkedAt: '2026-01-01T00:00:00.000Z',
}
const check = { kind: 'ask', question: 'check' } as const
const trouble: Answer = { kind: 'trouble', halt: wait('DirectoryUnreachable', 'x') }
const random = () => 0.5
const minute = 60_000

function written(
  decision: Decision,
  given: { answer?: Answer; status?: StrongroomIssuerStatus; observed?: Partial<Observed> } = {},
) {
  const { answer, status = { account }, observed = {} } = given
  const key = { kind: 'usable', thumbprint: 'two' }
  const resource = issuer({ status })
  const seen = { nowMs, resource, inputs: 'i', account: key, ...observed } as Observed
  return statusOf(seen, decision, { answer, random })
}

const readyOf = ({ conditions }: StrongroomIssuerStatus): string =>
  `${conditions?.[0]?.status} ${conditions?.[0]?.reason}`

test('statusOf() never forgets the account', () => {
  const stalled = { kind: 'stalled', reason: 'AccountKeyMissing', message: 'x' } as const
  for (const decision of [stalled, { kind: 'make-key' }, check] as const)
    assert.deepEqual(written(decision).account, account)
  assert.deepEqual(written(check, { answer: trouble }).account, account)
})

test('statusOf() counts failures of the same inputs, and an answer ends them', () => {
  const first = written(check, { answer: trouble }).retry
  assert.deepEqual([first?.failures, first?.inputs], [1, 'i'])
  assert.equal(first?.againAt, new Date(nowMs + 1_000).toISOString())
  const retry = first ?? assert.fail()
  assert.equal(written(check, { answer: trouble, status: { retry } }).retry?.failures, 2)
  const other = { answer: trouble, status: { retry: { ...retry, inputs: 'old' } } }
  assert.equal(written(check, other).retry?.failures, 1)
  const answer: Answer = { kind: 'account', created: false, account }
  const done = written(check, { answer, status: { retry } })
  assert.deepEqual([done.retry, readyOf(done)], [undefined, 'True AccountReady'])
})

test('statusOf() has a CA that is away for 12 hours asked every 4 to 6 minutes, and keeps the account', () => {
  const tries: number[] = []
  let status: StrongroomIssuerStatus = { account }
  let now = nowMs
  while (now < nowMs + 12 * 60 * minute) {
    tries.push(now)
    status = written(check, { answer: trouble, status, observed: { nowMs: now } })
    now = Date.parse(status.retry?.againAt ?? '')
  }
  const gaps = tries.slice(1).map((at, index) => at - (tries[index] ?? 0))
  assert.deepEqual([Math.max(...gaps), tries.length], [5 * minute, 152])
  assert.deepEqual([status.account, readyOf(status)], [account, 'False DirectoryUnreachable'])
})

test('statusOf() leaves everything as it was until the CA is asked again', () => {
  const before = written(check, { answer: trouble })
  const later = { kind: 'later', againAtMs: 0 } as const
  assert.deepEqual(written(later, { status: before }), before)
})

test('statusOf() waits as long as the CA says', () => {
  const answer: Answer = { ...trouble, afterMs: 12_345 }
  assert.equal(written(check, { answer }).retry?.againAt, new Date(nowMs + 12_345).toISOString())
})

test('statusOf() records a replaced key before the staged one is dropped', () => {
  const unstage = { kind: 'unstage', value: 'today' } as const
  const { account: after } = written(unstage)
  assert.deepEqual(after, { ...account, keyThumbprint: 'two', rolledOver: 'today' })
  assert.deepEqual(written({ kind: 'unstage' }).account, account)
})

test('statusOf() stays ready while something is brought up to date, and is not ready before', () => {
  const answer: Answer = { kind: 'account', created: true, account }
  const status = written(check, { answer })
  assert.equal(readyOf(written({ kind: 'stage-key', value: 'x' }, { status })), 'True AccountReady')
  assert.equal(readyOf(written({ kind: 'make-key' })), 'False Registering')
  const observed = { solverTrouble: 'Secret "tsig" is missing' }
  assert.equal(readyOf(written(check, { answer, observed })), 'False SecretMissing')
})
