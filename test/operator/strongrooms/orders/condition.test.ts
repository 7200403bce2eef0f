import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  hindered,
  inWords,
  isPassing,
  ordering,
  settled,
} from '#operator/strongrooms/orders/condition.ts'
import { openOrder } from '#test/support/order-world.ts'

const issuer = 'StrongroomIssuer le'
const problem = {
  name: 'vault.example',
  challenge: 'dns-01',
  solver: 'rfc2136',
  type: 'strongroom:notVisible',
  detail: 'ns1 does not show it',
} as const
const order = { ...openOrder('dns-01', 't'), problem, againAt: '2026-06-01T00:00:05.000Z' }

test('ordering() is false until there is a certificate, and names what fails', () => {
  const fresh = ordering({ reason: 'Missing', issuer, order: undefined })
  assert.deepEqual([fresh.status, fresh.reason, isPassing(fresh)], ['False', 'Ordering', true])
  const failing = ordering({ reason: 'Missing', issuer, order })
  assert.equal(failing.reason, 'NotVisible')
  assert.match(failing.message, /vault\.example by dns-01 \(rfc2136\): ns1 does not show it/)
  assert.match(failing.message, /tried again at 2026-06-01T00:00:05/)
  const refused = { ...order, problem: { type: 'rateLimited', detail: 'too many' } }
  const limited = ordering({ reason: 'Missing', issuer, order: refused })
  assert.deepEqual([limited.reason, isPassing(limited)], ['RateLimited', false])
})

test('ordering() warns of a renewal that fails while the certificate is still good', () => {
  assert.equal(ordering({ reason: 'Renewing', issuer, order: undefined }).status, 'True')
  assert.equal(ordering({ reason: 'Renewing', issuer, order }).reason, 'RenewalFailing')
})

test('hindered() and settled() say what stands in the way, and until when all is well', () => {
  const why = { reason: 'IssuerNotFound', message: 'there is none' }
  assert.equal(hindered(why, { reason: 'Missing', issuer, order: undefined }).reason, why.reason)
  const later = hindered(why, { reason: 'Renewing', issuer, order: undefined })
  assert.deepEqual([later.reason, later.message], ['RenewalFailing', why.message])
  const until = { notAfter: '2026-08-01T00:00:00.000Z', renewAt: '2026-07-01T00:00:00.000Z' }
  assert.match(settled(issuer, until).message, /ends at 2026-08-01.* renewed at 2026-07-01/)
})

test('inWords() leaves out what is not known, and what only we call it', () => {
  assert.equal(inWords({ type: 'malformed', detail: 'no' }), 'no (malformed)')
  const same = { ...problem, solver: 'dns-01' }
  assert.equal(inWords(same), 'vault.example by dns-01: ns1 does not show it')
})
