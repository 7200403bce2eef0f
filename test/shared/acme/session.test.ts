import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HttpsFailure } from '#shared/acme/https.ts'
import { AcmeProblem } from '#shared/acme/problem.ts'
import { acmeServer, type Reply } from '#test/support/acme-server.ts'

const badNonce: Reply = {
  status: 400,
  headers: { 'content-type': 'application/problem+json' },
  body: { type: 'urn:ietf:params:acme:error:badNonce', detail: 'used' },
}
const account: Reply = { body: { status: 'valid' } }

test('AcmeSession repeats a bad nonce at once with the one that came, and nothing else', async () => {
  const replies = [badNonce, badNonce, account, { status: 500 }, account]
  await using server = await acmeServer(() => replies.shift() ?? {})
  await server.api.account()
  const nonces = server.requests.map(({ header }) => header.nonce)
  assert.equal(new Set(nonces).size, 3)
  await assert.rejects(server.api.account(), { status: 500 })
  assert.equal(server.requests.length, 4)
  assert.deepEqual(
    server.asked().filter((asked) => asked.endsWith('/newNonce')),
    ['HEAD /newNonce'],
    'every answer brings the next nonce',
  )
})

test('AcmeSession gives up when every nonce is bad', async () => {
  await using server = await acmeServer(() => badNonce)
  await assert.rejects(server.api.account(), { type: 'badNonce', status: 400 })
  assert.equal(server.requests.length, 11)
})

test('AcmeSession uses no nonce twice when several ask at once', async () => {
  await using server = await acmeServer(() => account)
  await Promise.all(Array.from({ length: 8 }, () => server.api.account()))
  const nonces = server.requests.map(({ header }) => header.nonce)
  assert.equal(new Set(nonces).size, 8)
})

test('AcmeSession says what a CA refuses, with names and time', async () => {
  await using server = await acmeServer(() => ({
    status: 429,
    headers: { 'retry-after': '120' },
    body: {
      type: 'urn:ietf:params:acme:error:rateLimited',
      detail: 'too many',
      subproblems: [
        {
          type: 'urn:ietf:params:acme:error:rejectedIdentifier',
          detail: 'not this one',
          identifier: { type: 'dns', value: 'shop.example' },
        },
      ],
    },
  }))
  await assert.rejects(server.api.account(), (error) => {
    assert.ok(error instanceof AcmeProblem)
    const { status, type, detail, retryAfterMs, subproblems } = error
    assert.deepEqual(
      { status, type, detail, retryAfterMs, subproblems },
      {
        status: 429,
        type: 'rateLimited',
        detail: 'too many',
        retryAfterMs: 120_000,
        subproblems: [{ type: 'rejectedIdentifier', detail: 'not this one', name: 'shop.example' }],
      },
    )
    return true
  })
  assert.ok(server.counted.includes('account 429'))
})

test('AcmeSession tells a CA that does not answer from one that refuses, and counts it as 0', async () => {
  const counted: string[] = []
  await using server = await acmeServer(() => account, {
    directoryUrl: 'https://127.0.0.1:1/directory',
    count: ({ action, status }) => counted.push(`${action} ${status}`),
  })
  await assert.rejects(server.api.directory(), HttpsFailure)
  assert.deepEqual(counted, ['directory 0'])
})

test('AcmeSession trusts nobody but whom it was told to', async () => {
  await using server = await acmeServer(() => account, { trust: undefined })
  await assert.rejects(server.api.directory(), /does not answer: .*certificate/)
})

test('AcmeSession ends with its signal', async () => {
  await using server = await acmeServer(() => account)
  await assert.rejects(server.api.account(AbortSignal.abort(new Error('enough'))), /enough/)
})
