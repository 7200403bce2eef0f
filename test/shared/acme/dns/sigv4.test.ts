/** Amazon's own published examples: the Signature Version 4 test suite, and the example of the IAM user guide. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AwsRequest, awsHeaders } from '#shared/acme/dns/sigv4.ts'

const credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
}
const sessionToken =
  'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI' +
  '/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=='
const scope = {
  credentials,
  region: 'us-east-1',
  service: 'service',
  nowMs: Date.UTC(2015, 7, 30, 12, 36),
}
const get: AwsRequest = { method: 'GET', url: 'https://example.amazonaws.com/', body: '' }
const form = { 'Content-Type': 'application/x-www-form-urlencoded' }

const published: readonly (readonly [string, AwsRequest, string])[] = [
  ['get-vanilla', get, '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
  [
    'get-vanilla-query-order-key-case',
    { ...get, url: `${get.url}?Param2=value2&Param1=value1` },
    'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  ],
  [
    'post-vanilla',
    { ...get, method: 'POST' },
    '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  ],
  [
    'post-x-www-form-urlencoded',
    { ...get, method: 'POST', headers: form, body: 'Param1=value1' },
    'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  ],
]

for (const [name, request, signature] of published) {
  test(`awsHeaders() signs ${name} as published`, () => {
    const { authorization } = awsHeaders(request, scope)
    assert.equal(authorization?.split('Signature=')[1], signature)
  })
}

test('awsHeaders() signs the example of the IAM user guide as published', () => {
  const url = 'https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08'
  const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
  const { authorization } = awsHeaders({ ...get, url, headers }, { ...scope, service: 'iam' })
  assert.equal(
    authorization,
    'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, ' +
      'SignedHeaders=content-type;host;x-amz-date, ' +
      'Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
  )
})

test('awsHeaders() signs with a session token as published (post-sts-header-before)', () => {
  const temporary = { ...scope, credentials: { ...credentials, sessionToken } }
  const { authorization, 'x-amz-security-token': sent } = awsHeaders(
    { ...get, method: 'POST' },
    temporary,
  )
  assert.equal(sent, sessionToken)
  assert.equal(
    authorization?.split('Signature=')[1],
    '85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead',
  )
})

test('awsHeaders() encodes what a query may not hold, and sends no host of its own', () => {
  const url = (name: string) => `${get.url}?name=${name}`
  const signatureOf = (text: string) => awsHeaders({ ...get, url: url(text) }, scope).authorization
  assert.equal(signatureOf('a%2Ab%20c'), signatureOf('a*b+c'))
  assert.notEqual(signatureOf('a%2Ab'), signatureOf('ab'))
  assert.deepEqual(Object.keys(awsHeaders(get, scope)), ['x-amz-date', 'authorization'])
})
