import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { accountKeyData, accountKeySecret, readAccountKey } from '#operator/issuers/account-key.ts'
import { issuer, secret } from '#test/support/resources.ts'

const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const pem = (type: 'p384' | 'rsa') => {
  const made =
    type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-384' })
  return made.privateKey.export({ type: 'pkcs8', format: 'pem' })
}

test('accountKeySecret() holds the key for readAccountKey(), labelled as ours and without an owner', () => {
  const made = accountKeySecret(issuer(), { name: 'public-account', key })
  const read = readAccountKey(made, 'public-account')
  assert.ok(read.kind === 'usable' && read.key.equals(key))
  assert.match(read.thumbprint, /^[\w-]{43}$/)
  assert.equal(made.metadata.ownerReferences, undefined)
  assert.equal(made.metadata.labels?.['app.kubernetes.io/managed-by'], 'strongroom-operator')
  const next = accountKeySecret(issuer(), { name: 'n', key, rollOver: 'today' })
  assert.equal(next.metadata.annotations?.['strongroom.dev/roll-over-account-key'], 'today')
  assert.deepEqual(next.data, accountKeyData(key))
})

test('readAccountKey() takes RSA too, and says what it cannot use without quoting it', () => {
  const read = (text: string) => readAccountKey(secret('a', { 'tls.key': text }), 'a')
  assert.equal(read(String(pem('rsa'))).kind, 'usable')
  assert.deepEqual(readAccountKey(undefined, 'a'), { kind: 'missing', secretName: 'a' })
  for (const text of ['', 'top-secret', String(pem('p384'))]) {
    const found = read(text)
    assert.ok(found.kind === 'damaged')
    assert.match(found.message, /^Secret "a" holds no usable account key under "tls.key": /)
    assert.ok(!found.message.includes('top-secret'))
  }
})
