import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { before, test } from 'node:test'
import { connect, createServer, type SecureVersion } from 'node:tls'
import { type KeyPair, makeKeyPair } from '#shared/pki/issue.ts'
import { certificatePem } from '#shared/pki/pem.ts'
import { unusableKey } from '#shared/pki/tls-keys.ts'
import { handmade } from '#test/support/handmade-certificates.ts'

const ec = (namedCurve: string) => () => generateKeyPairSync('ec', { namedCurve })
const rsa =
  (modulusLength: number, publicExponent = 0x10001) =>
  () =>
    generateKeyPairSync('rsa', { modulusLength, publicExponent })

const usable: Readonly<Record<string, () => KeyPair>> = {
  'RSA of 2048 bits': rsa(2048),
  'RSA-PSS': () => generateKeyPairSync('rsa-pss', { modulusLength: 2048 }),
  'P-256': ec('prime256v1'),
  'P-384': ec('secp384r1'),
  'P-521': ec('secp521r1'),
  Ed25519: () => generateKeyPairSync('ed25519'),
  Ed448: () => generateKeyPairSync('ed448'),
}
const unusable: Readonly<Record<string, () => KeyPair>> = {
  'RSA of 1024 bits': rsa(1024),
  'P-224': ec('secp224r1'),
  secp256k1: ec('secp256k1'),
  brainpoolP256r1: ec('brainpoolP256r1'),
  brainpoolP384r1: ec('brainpoolP384r1'),
  DSA: () => generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 }),
}
const versions: readonly SecureVersion[] = ['TLSv1.2', 'TLSv1.3']

let signer: KeyPair
before(async () => {
  signer = await makeKeyPair('p-256')
})

for (const [kind, make] of Object.entries(usable)) {
  test(`unusableKey() takes ${kind}, with which both sides shake hands in TLS 1.2 and 1.3`, async () => {
    const keys = make()
    assert.equal(unusableKey(keys.publicKey), undefined)
    for (const version of versions) assert.ok(await shakesHands(keys, version), version)
  })
}

for (const [kind, make] of Object.entries(unusable)) {
  test(`unusableKey() refuses ${kind}, with which some handshake fails`, async () => {
    const keys = make()
    assert.match(unusableKey(keys.publicKey) ?? '', /^its (RSA )?key /)
    const done = await Promise.all(versions.map((version) => shakesHands(keys, version)))
    assert.ok(done.includes(false))
  })
}

test('unusableKey() refuses keys that sign nothing, and exponents that OpenSSL does not take', () => {
  assert.match(unusableKey(generateKeyPairSync('x25519').publicKey) ?? '', /of kind x25519/)
  const { publicKey } = rsa(2048)()
  const odd = (publicExponent: bigint) =>
    unusableKey({
      asymmetricKeyType: 'rsa',
      asymmetricKeyDetails: { ...publicKey.asymmetricKeyDetails, publicExponent },
    } as typeof publicKey)
  for (const exponent of [1n, 4n, 2n ** 64n + 1n]) assert.match(odd(exponent) ?? '', /exponent/)
  assert.equal(odd(3n), undefined)
})

/** Both sides show a certificate of that key, signed by another one, and see the other's. */
async function shakesHands(keys: KeyPair, version: SecureVersion): Promise<boolean> {
  const key = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const spki = keys.publicKey.export({ type: 'spki', format: 'der' })
  const cert = certificatePem({ der: handmade(signer, { key: spki }) })
  const own = { cert, key, minVersion: version, maxVersion: version, rejectUnauthorized: false }
  try {
    await using server = createServer({ ...own, requestCert: true })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const seen = new Promise<boolean>((resolve) => {
      server.on('secureConnection', (socket) => {
        resolve(socket.getPeerX509Certificate() !== undefined)
        socket.on('error', () => undefined).destroy()
      })
      server.on('tlsClientError', () => resolve(false))
    })
    const client = connect({ host: '127.0.0.1', port, ...own }).on('error', () => undefined)
    const isSeen = await seen
    client.destroy()
    return isSeen
  } catch {
    return false
  }
}
