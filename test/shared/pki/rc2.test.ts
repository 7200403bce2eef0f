import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decryptRc2 } from '#shared/pki/rc2.ts'

/** Key, text, sealed: two of section 5 of RFC 2268, and the last as OpenSSL's legacy provider gives it. */
const vectors: readonly [string, string, string][] = [
  ['ffffffffffffffff', 'ffffffffffffffff', '278b27e42e2f0d49'],
  ['3000000000000000', '1000000000000001', '30649edf9be7d2c2'],
  ['88bca90e90875a7f0f9c384627bafab2', '0000000000000000', 'ea6e6cd98dd166f5'],
]

test('decryptRc2() opens known answers', () => {
  for (const [key, text, sealed] of vectors) {
    // The vectors have no padding, so one is made: an IV under which the text becomes that of a block of padding.
    const iv = Buffer.from(text, 'hex').map((byte) => byte ^ 8)
    const opened = decryptRc2(Buffer.from(sealed, 'hex'), Buffer.from(key, 'hex'), iv)
    assert.equal(opened.length, 0, key)
  }
})

test('decryptRc2() refuses other lengths and wrong padding', () => {
  const key = Buffer.alloc(5, 1)
  const block = Buffer.alloc(8)
  for (const sealed of [Buffer.alloc(0), Buffer.alloc(7), Buffer.alloc(9)])
    assert.throws(() => decryptRc2(sealed, key, block), /wrong length/)
  assert.throws(() => decryptRc2(block, key, Buffer.alloc(7)), /wrong length/)
  assert.throws(() => decryptRc2(block, Buffer.alloc(0), block), /wrong length of the key/)
  assert.throws(() => decryptRc2(block, key, block), /wrong padding/)
})
