import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createPrivateKey } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import type { Observed } from '#operator/certificates/observe.ts'
import { inputsOf, isWhole, stagedSecret, targetSecret } from '#operator/certificates/output.ts'
import { isOwn } from '#operator/kube/ownership.ts'
import { secretBytes, secretText } from '#operator/kube/secret.ts'
import { tlsMaterial } from '#operator/kube/tls-secret.ts'
import { readCertificates } from '#shared/pki/certificate.ts'
import { type Issued, makeKeyPair } from '#shared/pki/issue.ts'
import { readPfx } from '#shared/pki/pfx-read.ts'
import { authority, client } from '#test/support/certificates.ts'
import { certificate, secret } from '#test/support/resources.ts'

const trust = 'TRUST\n'
let rsa: Issued
let ec: Issued
before(async () => {
  const ca = await authority('clients')
  rsa = await client(ca, { keys: await makeKeyPair('rsa-3072') })
  ec = await client(ca)
})

const seen = (given: Partial<Observed> = {}): Observed =>
  ({ resource: certificate(), trust, password: '', ...given }) as Observed
const pair = (issued: Issued) => ({ certificate: issued.certificate, key: issued.privateKey })

describe('targetSecret()', () => {
  test('has the keys that programs look for, and no other', async () => {
    const { type, data, metadata } = await targetSecret(seen(), pair(rsa))
    assert.equal(type, 'kubernetes.io/tls')
    assert.deepEqual(Object.keys(data ?? {}), [
      'tls.crt',
      'tls.key',
      'client.pem',
      'keystore.p12',
      'ca.crt',
    ])
    assert.equal(metadata.name, 'shop-tls')
    assert.equal(metadata.ownerReferences, undefined, 'it outlives the resource')
  })

  test('writes an RSA key in PKCS#1, the only form that the official client takes', async () => {
    const target = await targetSecret(seen(), pair(rsa))
    assert.match(secretText(target, 'tls.key'), /^-----BEGIN RSA PRIVATE KEY-----\n/)
    const ca = secretText(target, 'ca.crt')
    assert.equal(ca, trust)
    const other = await targetSecret(seen(), pair(ec))
    assert.match(secretText(other, 'tls.key'), /^-----BEGIN PRIVATE KEY-----\n/)
  })

  test('puts key and certificate into client.pem so that the official client finds both', async () => {
    const pem = secretText(await targetSecret(seen(), pair(rsa)), 'client.pem')
    // Its rule: from the first BEGIN to the first END of these two labels, and of no other.
    const cut = (label: string): string => {
      const [begin, end] = [`-----BEGIN ${label}-----`, `-----END ${label}-----`]
      return pem.substring(pem.indexOf(begin), pem.indexOf(end) + end.length)
    }
    assert.equal(createPrivateKey(cut('RSA PRIVATE KEY')).asymmetricKeyType, 'rsa')
    const [found] = readCertificates(Buffer.from(cut('CERTIFICATE')))
    assert.equal(found?.thumbprint, rsa.certificate.thumbprint)
  })

  test('writes a keystore that opens with its password and no other, here and in OpenSSL', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keystore-'))
    try {
      for (const password of ['', 'pässword']) {
        const target = await targetSecret(seen({ password }), pair(rsa))
        const keystore = secretBytes(target, 'keystore.p12') ?? assert.fail()
        const pfx = await readPfx(keystore, password)
        assert.equal(pfx.certificates[0]?.thumbprint, rsa.certificate.thumbprint)
        await assert.rejects(readPfx(keystore, `${password}!`))
        const file = join(folder, 'keystore.p12')
        writeFileSync(file, keystore)
        const open = ['pkcs12', '-in', file, '-passin', `pass:${password}`, '-nodes']
        const text = execFileSync('openssl', open, { encoding: 'utf8' })
        assert.match(
          text,
          /BEGIN PRIVATE KEY[\s\S]*BEGIN CERTIFICATE|BEGIN CERTIFICATE[\s\S]*BEGIN PRIVATE KEY/,
        )
        assert.match(
          `${execFileSync('openssl', [...open, '-info', '-noout'], { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] })}`,
          /^/,
        )
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  test('carries the labels and annotations that are asked for, and never loses its own', async () => {
    const secretTemplate = {
      labels: { team: 'a', 'app.kubernetes.io/managed-by': 'them' },
      annotations: { note: 'b', 'strongroom.dev/source': 'Theirs/x', 'strongroom.dev/x': 'y' },
    }
    const resource = certificate({ spec: { secretTemplate } })
    const { metadata } = await targetSecret(seen({ resource }), pair(ec))
    assert.deepEqual([metadata.labels?.team, metadata.annotations?.note], ['a', 'b'])
    assert.equal(metadata.annotations?.['strongroom.dev/x'], undefined)
    assert.equal(metadata.labels?.['app.kubernetes.io/managed-by'], 'strongroom-operator')
    assert.ok(isOwn({ apiVersion: 'v1', kind: 'Secret', metadata }, resource))
  })
})

test('stagedSecret() keeps the next key with its certificate, and nothing else', () => {
  const staged = stagedSecret(certificate(), pair(ec))
  assert.equal(staged.metadata.name, 'shop-next-key')
  assert.deepEqual(Object.keys(staged.data ?? {}), ['tls.crt', 'tls.key'])
  assert.ok(isOwn(staged, certificate()))
  assert.equal(tlsMaterial(staged, 'x').kind, 'usable')
})

test('isOwn() is true of what was made for that very resource', () => {
  const staged = stagedSecret(certificate(), pair(ec))
  assert.ok(!isOwn(staged, certificate({ metadata: { name: 'other' } })))
  assert.ok(!isOwn(secret('shop-next-key', {}), certificate()))
})

test('inputsOf() differs exactly where the Secret must be written anew', () => {
  const usable = (issued: Issued) => tlsMaterial(stagedSecret(certificate(), pair(issued)), 'x')
  const base = seen({ current: usable(ec) })
  const variants = [
    base,
    { ...base, current: usable(rsa) },
    { ...base, trust: 'other' },
    { ...base, password: 'other' },
    { ...base, resource: certificate({ spec: { secretTemplate: { labels: { a: 'b' } } } }) },
  ]
  assert.equal(new Set(variants.map((one) => inputsOf(one, 'current'))).size, variants.length)
  assert.equal(inputsOf({ ...base, nowMs: 5 }, 'current'), inputsOf(base, 'current'))
  assert.equal(inputsOf(seen({ current: tlsMaterial(undefined, 'x') }), 'current'), '')
  const same = { ...base, password: 'other' }
  const elsewhere = { ...same, current: usable(rsa) }
  assert.ok(!inputsOf(same, 'current').includes('other'), 'no password in it')
  assert.notEqual(inputsOf(same, 'current'), inputsOf(elsewhere, 'current'))
})

test('isWhole() sees a key that is missing or another', async () => {
  const current = tlsMaterial(stagedSecret(certificate(), pair(ec)), 'x')
  const target = await targetSecret(seen(), pair(ec))
  assert.ok(isWhole(seen({ current, target })))
  assert.ok(!isWhole(seen({ current, target, trust: 'other' })))
  assert.ok(!isWhole(seen({ current, target: undefined })))
  assert.ok(!isWhole(seen({ current: tlsMaterial(undefined, 'x'), target })))
})
