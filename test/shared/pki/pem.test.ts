import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasCode } from '#shared/errors.ts'
import { makeKeyPair } from '#shared/pki/issue.ts'
import { certificatePem, privateKeyPem, readPrivateKey } from '#shared/pki/pem.ts'
import { encryptedKeyPem } from '#shared/pki/pfx-write.ts'
import { authority } from '#test/support/certificates.ts'

test('certificatePem() ends with a newline and has lines of 64', async () => {
  const lines = certificatePem((await authority()).certificate).split('\n')
  assert.equal(lines.at(-1), '')
  assert.equal(lines.at(-2), '-----END CERTIFICATE-----')
  assert.ok(lines.slice(1, -3).every((line) => line.length === 64))
})

test('privateKeyPem() writes RSA as PKCS#1, which is what RavenDB’s client looks for', async () => {
  const { privateKey } = await makeKeyPair('rsa-3072')
  const plain = privateKeyPem(privateKey)
  assert.match(plain, /^-----BEGIN RSA PRIVATE KEY-----\n/)
  assert.ok(readPrivateKey(plain).equals(privateKey))
})

test('readPrivateKey() reads the old encryption of PKCS#1, which others still write', async () => {
  const { privateKey } = await makeKeyPair('rsa-3072')
  const sealed = privateKey.export({
    ...{ type: 'pkcs1', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' },
  } as never)
  assert.match(sealed.toString(), /Proc-Type: 4,ENCRYPTED/)
  assert.ok(readPrivateKey(sealed.toString(), 'secret').equals(privateKey))
})

test('privateKeyPem() writes other keys as PKCS#8', async () => {
  const { privateKey } = await makeKeyPair('p-256')
  assert.match(privateKeyPem(privateKey), /^-----BEGIN PRIVATE KEY-----\n/)
})

test('readPrivateKey() refuses what it cannot read, and says no password', async () => {
  const { privateKey } = await makeKeyPair('p-256')
  const sealed = await encryptedKeyPem(privateKey, 'right')
  for (const [text, password] of [
    [sealed, 'wrong-one'],
    [sealed, undefined],
    ['nothing', undefined],
    [sealed.slice(0, 60), 'right'],
  ] as const) {
    assert.throws(
      () => readPrivateKey(text, password),
      (error) => hasCode(error, 'PrivateKeyUnreadable') && !error.message.includes('wrong-one'),
    )
  }
})
