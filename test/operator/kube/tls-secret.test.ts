import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { Secret } from '#operator/kube/secret.ts'
import { sha256Of, tlsData, tlsMaterial } from '#operator/kube/tls-secret.ts'
import { pinOf } from '#shared/pki/certificate.ts'
import type { Issued } from '#shared/pki/issue.ts'
import { makeKeyPair } from '#shared/pki/issue.ts'
import { certificatePem, privateKeyPem } from '#shared/pki/pem.ts'
import { authority, client } from '#test/support/certificates.ts'
import { secret } from '#test/support/resources.ts'

let ca: Issued
let leaf: Issued
before(async () => {
  ca = await authority()
  leaf = await client(ca)
})

const tls = (crt: Uint8Array | string, key: Uint8Array | string): Secret =>
  secret('tls', { 'tls.crt': crt, 'tls.key': key })

test('tlsData() writes what tlsMaterial() reads: certificate, chain and key', () => {
  const data = tlsData(leaf, { chain: [ca.certificate], ca: 'CA' })
  const found = tlsMaterial({ ...secret('tls', {}), data }, 'tls')
  assert.ok(found.kind === 'usable')
  assert.equal(found.certificate.thumbprint, leaf.certificate.thumbprint)
  assert.deepEqual(
    found.chain.map(({ thumbprint }) => thumbprint),
    [ca.certificate.thumbprint],
  )
  assert.equal(pinOf(found.key), leaf.certificate.pin)
  assert.equal(Buffer.from(data['ca.crt'] ?? '', 'base64').toString(), 'CA')
  assert.deepEqual(Object.keys(tlsData(leaf)), ['tls.crt', 'tls.key'])
})

test('tlsMaterial() says in words what is wrong with anything else, and never throws', async () => {
  const crt = certificatePem(leaf.certificate)
  const key = privateKeyPem(leaf.privateKey)
  const { publicKey } = await makeKeyPair('p-256')
  const other = privateKeyPem((await client(ca)).privateKey)
  const cases: readonly [name: string, given: Secret | undefined, reason: string][] = [
    ['nothing', undefined, 'SecretNotFound'],
    ['an empty Secret', { ...secret('tls', {}), data: {} }, 'SecretInvalid'],
    [
      'a Secret without data',
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'tls' } },
      'SecretInvalid',
    ],
    ['no key', tls(crt, ''), 'SecretInvalid'],
    ['no certificate', tls('', key), 'SecretInvalid'],
    ['no PEM', tls('certificate', 'key'), 'SecretInvalid'],
    ['a certificate cut short', tls(crt.slice(0, 200), key), 'SecretInvalid'],
    ['a key cut short', tls(crt, key.slice(0, 60)), 'SecretInvalid'],
    ['a key where the certificate should be', tls(key, key), 'SecretInvalid'],
    ['a certificate where the key should be', tls(crt, crt), 'SecretInvalid'],
    ['a public key', tls(crt, publicKey.export({ type: 'spki', format: 'pem' })), 'SecretInvalid'],
    [
      'a key with a password',
      tls(
        crt,
        leaf.privateKey.export({
          type: 'pkcs8',
          format: 'pem',
          cipher: 'aes-256-cbc',
          passphrase: 'secret',
        }),
      ),
      'SecretInvalid',
    ],
    ['bytes', tls(Buffer.alloc(5_000, 0xff), Buffer.alloc(5_000, 0)), 'SecretInvalid'],
    ['very many certificates', tls(crt.repeat(500), key), 'SecretInvalid'],
    ['the key of another', tls(crt, other), 'KeyMismatch'],
  ]
  for (const [name, given, reason] of cases) {
    const found = tlsMaterial(given, 'tls')
    assert.ok(found.kind === 'unusable', name)
    assert.equal(found.reason, reason, name)
    assert.match(found.message, /"tls"/, name)
    assert.ok(!found.message.includes('PRIVATE'), `no key in the message of ${name}`)
  }
})

test('tlsMaterial() finds the leaf by its key, and puts the others in signing order', () => {
  const crt = certificatePem(ca.certificate) + certificatePem(leaf.certificate)
  const found = tlsMaterial(tls(crt, privateKeyPem(leaf.privateKey)), 'tls')
  assert.ok(found.kind === 'usable')
  assert.equal(found.certificate.thumbprint, leaf.certificate.thumbprint)
  assert.deepEqual(
    found.chain.map(({ thumbprint }) => thumbprint),
    [ca.certificate.thumbprint],
  )
})

test('sha256Of() names a certificate as status does', () => {
  assert.match(sha256Of(leaf.certificate), /^[0-9a-f]{64}$/)
})
