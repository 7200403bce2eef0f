import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  accountOf,
  alternates,
  authorizationOf,
  orderOf,
  renewalInfoOf,
} from '#shared/acme/answers.ts'
import type { HttpsAnswer } from '#shared/acme/https.ts'

const now = Date.UTC(2026, 10, 25)

function answer(body: unknown, headers: HttpsAnswer['headers'] = {}): HttpsAnswer {
  return { status: 200, headers, body: Buffer.from(JSON.stringify(body)) }
}

const order = {
  status: 'invalid',
  authorizations: [],
  finalize: 'f',
  error: { type: 'x', detail: 'y' },
}

test('orderOf() takes the URL from the answer before the one that was asked, and needs one of them', () => {
  assert.equal(orderOf(answer(order, { location: 'here' }), 'there', now).url, 'here')
  assert.equal(orderOf(answer(order), 'there', now).url, 'there')
  assert.throws(() => orderOf(answer(order), undefined, now), /no order/)
  const long = answer(order, { location: `https://ca.test/${'x'.repeat(1024)}` })
  assert.throws(() => orderOf(long, undefined, now), /no order/, 'it could not be kept')
  assert.throws(() => orderOf(answer({ ...order, status: 'odd' }), 'there', now), /no order/)
})

test('orderOf() keeps why an order is invalid, and leaves out an end that is no time', () => {
  const read = orderOf(answer({ ...order, expires: 'never' }), 'u', now)
  assert.deepEqual(read.problem, { type: 'x', detail: 'y', subproblems: [] })
  assert.equal(read.expiresAt, undefined)
})

test('authorizationOf() names the wildcard, and leaves out challenges without URL or with an odd token', () => {
  const challenges = [
    { type: 'dns-01', url: 'u', token: 'abc_-', status: 'pending' },
    { type: 'http-01', url: 'u', token: '../etc', status: 'pending' },
    { type: 'new-01', token: 'abc', status: 'pending' },
  ]
  const identifier = { type: 'dns', value: 'shop.example' }
  const said = { status: 'pending', identifier, challenges }
  const plain = authorizationOf(answer(said), now)
  assert.deepEqual(
    [plain.name, plain.challenges.map(({ type }) => type)],
    ['shop.example', ['dns-01']],
  )
  assert.equal(authorizationOf(answer({ ...said, wildcard: true }), now).name, '*.shop.example')
  assert.throws(() => authorizationOf(answer({}), now), /no authorization/)
})

test('accountOf() takes an account without contacts', () => {
  assert.deepEqual(accountOf(answer({ status: 'valid', contact: null }), 'u'), {
    url: 'u',
    status: 'valid',
    contact: [],
  })
})

test('renewalInfoOf() needs both ends of the window', () => {
  assert.throws(() => renewalInfoOf(answer({ suggestedWindow: { start: 'x', end: 'y' } }), now))
})

test('alternates() finds the links among others, made whole', () => {
  const link =
    '<https://ca.test/directory>;rel="index", </2>;rel="alternate", <3>; rel=alternate; a=b'
  assert.deepEqual(alternates(answer({}, { link }), 'https://ca.test/chain/1'), [
    'https://ca.test/2',
    'https://ca.test/chain/3',
  ])
  assert.deepEqual(alternates(answer({}), 'https://ca.test/'), [])
})
