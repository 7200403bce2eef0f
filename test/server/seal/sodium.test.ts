import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  decrypt,
  deriveKey,
  encrypt,
  guarded,
  hash,
  Nonces,
  randomBytes,
} from '#server/seal/sodium.ts'

test('encrypt() is XChaCha20-Poly1305-IETF as its draft specifies it', () => {
  // draft-irtf-cfrg-xchacha-03, appendix A.3.1.
  const plain = Buffer.from(
    "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
  )
  const message = {
    key: Buffer.from('808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f', 'hex'),
    nonce: Buffer.from('404142434445464748494a4b4c4d4e4f5051525354555657', 'hex'),
    associated: Buffer.from('50515253c0c1c2c3c4c5c6c7', 'hex'),
  }
  const ciphertext = Buffer.alloc(plain.length)
  const tag = Buffer.alloc(16)
  encrypt(message, { plain, ciphertext, tag })
  assert.equal(ciphertext.subarray(0, 16).toString('hex'), 'bd6d179d3e83d43b9576579493c0e939')
  assert.equal(tag.toString('hex'), 'c0875924c1c7987947deafd8780acf49')
  const opened = Buffer.alloc(plain.length)
  assert.equal(decrypt(message, { plain: opened, ciphertext, tag }), true)
  assert.deepEqual(opened, plain)
})

test('decrypt() is false for another key, nonce, associated bytes, ciphertext or tag', () => {
  const message = { key: randomBytes(32), nonce: randomBytes(24), associated: randomBytes(5) }
  const ciphertext = Buffer.alloc(10)
  const tag = Buffer.alloc(16)
  encrypt(message, { plain: Buffer.alloc(10, 1), ciphertext, tag })
  const flipped = (bytes: Buffer): Buffer => {
    const copy = Buffer.from(bytes)
    copy[3] = (copy[3] as number) ^ 1
    return copy
  }
  const plain = Buffer.alloc(10)
  for (const part of ['key', 'nonce', 'associated'] as const) {
    const other = { ...message, [part]: flipped(message[part]) }
    assert.equal(decrypt(other, { plain, ciphertext, tag }), false, part)
  }
  assert.equal(decrypt(message, { plain, ciphertext: flipped(ciphertext), tag }), false)
  assert.equal(decrypt(message, { plain, ciphertext, tag: flipped(tag) }), false)
  assert.equal(decrypt(message, { plain, ciphertext, tag }), true)
})

test('decrypt() does not take a mistake of ours for damage', () => {
  const message = { key: randomBytes(32), nonce: randomBytes(23), associated: randomBytes(5) }
  assert.throws(() =>
    decrypt(message, {
      plain: Buffer.alloc(10),
      ciphertext: Buffer.alloc(10),
      tag: Buffer.alloc(16),
    }),
  )
})

test('Nonces never gives the same nonce twice', () => {
  const nonces = new Nonces()
  const seen = new Set<string>()
  const slot = Buffer.alloc(30)
  for (let i = 0; i < 1_000; i += 1) {
    nonces.writeTo(slot)
    seen.add(slot.toString('hex'))
  }
  assert.equal(seen.size, 1_000)
  assert.deepEqual(slot.subarray(24), Buffer.alloc(6))
})

test('deriveKey() gives another key for each number and purpose', () => {
  const key = randomBytes(32)
  const derived = [
    { id: 1, context: 'purpose1' },
    { id: 2, context: 'purpose1' },
    { id: 1, context: 'purpose2' },
    { id: 1, context: 'purpose1' },
  ].map((from) => {
    const subkey = Buffer.alloc(32)
    deriveKey(subkey, { key, ...from })
    return subkey.toString('hex')
  })
  assert.equal(new Set(derived).size, 3)
  assert.equal(derived[0], derived[3])
})

test('hash() takes its parts as one text', () => {
  const [whole, parts] = [Buffer.alloc(16), Buffer.alloc(16)]
  hash(whole, [Buffer.from('abcdef')])
  hash(parts, [Buffer.from('abc'), Buffer.from('def')])
  assert.deepEqual(whole, parts)
})

test('guarded memory is zeroed when it is freed', () => {
  const memory = guarded.allocate(64)
  memory.fill(7)
  guarded.zero(memory)
  assert.ok(memory.every((byte) => byte === 0))
  guarded.free(memory)
  assert.equal(memory.length, 0)
})
