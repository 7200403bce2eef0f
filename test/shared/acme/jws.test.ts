import assert from 'node:assert/strict'
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  verify,
} from 'node:crypto'
import { test } from 'node:test'
import { macJws, publicJwk, signedJws, thumbprint } from '#shared/acme/jws.ts'

/** RFC 7638 section 3.1. */
const rsaOfRfc7638 = {
  kty: 'RSA',
  n: '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw',
  e: 'AQAB',
}
/** RFC 7515 appendix A.3. */
const ecOfRfc7515 = {
  kty: 'EC',
  crv: 'P-256',
  x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
  y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
  d: 'jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI',
}

test('thumbprint() is that of RFC 7638', () => {
  const key = createPublicKey({ key: rsaOfRfc7638, format: 'jwk' })
  assert.equal(thumbprint(key), 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs')
})

test('publicJwk() gives the public members in the order of their names, of either half', () => {
  const key = createPrivateKey({ key: ecOfRfc7515, format: 'jwk' })
  const { x, y } = ecOfRfc7515
  assert.equal(JSON.stringify(publicJwk(key)), JSON.stringify({ crv: 'P-256', kty: 'EC', x, y }))
  assert.deepEqual(publicJwk(createPublicKey(key)), publicJwk(key))
})

test('publicJwk() refuses keys that ACME accounts cannot have', () => {
  const { privateKey } = generateKeyPairSync('ed25519')
  assert.throws(() => publicJwk(privateKey), TypeError)
  const other = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey
  assert.throws(() => publicJwk(other), TypeError)
})

test('signedJws() signs with ES256 as RFC 7515 has it: 64 bytes over both parts', () => {
  const key = createPrivateKey({ key: ecOfRfc7515, format: 'jwk' })
  const jws = signedJws(key, { nonce: 'n' }, '{"a":1}')
  assert.deepEqual(decoded(jws.protected), { alg: 'ES256', nonce: 'n' })
  assert.deepEqual(decoded(jws.payload), { a: 1 })
  const signature = Buffer.from(jws.signature, 'base64url')
  assert.equal(signature.length, 64)
  const input = Buffer.from(`${jws.protected}.${jws.payload}`)
  const publicKey = createPublicKey(key)
  assert.ok(verify('sha256', input, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature))
})

test('signedJws() signs with RS256 where the key is RSA, and an empty payload for POST-as-GET', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const jws = signedJws(privateKey, {}, '')
  assert.deepEqual([decoded(jws.protected), jws.payload], [{ alg: 'RS256' }, ''])
  const signature = Buffer.from(jws.signature, 'base64url')
  assert.ok(verify('sha256', Buffer.from(`${jws.protected}.`), publicKey, signature))
})

test('macJws() makes the MAC of RFC 7515 appendix A.1 over its input', () => {
  const key = Buffer.from(
    'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow',
    'base64url',
  )
  const jws = macJws(key, { kid: 'k' }, '{}')
  assert.deepEqual(decoded(jws.protected), { alg: 'HS256', kid: 'k' })
  const expected = createHmac('sha256', key).update(`${jws.protected}.${jws.payload}`)
  assert.equal(jws.signature, expected.digest('base64url'))
})

function decoded(part: string): unknown {
  return JSON.parse(Buffer.from(part, 'base64url').toString())
}
