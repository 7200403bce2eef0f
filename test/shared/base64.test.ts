import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeBase64 } from '#shared/base64.ts'

test('decodeBase64() takes back all bytes, with and without blanks around', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      const text = Buffer.from(bytes).toString('base64')
      assert.deepEqual(decodeBase64(Buffer.from(text)), Buffer.from(bytes))
      assert.deepEqual(decodeBase64(Buffer.from(` ${text}\r\n`)), Buffer.from(bytes))
    }),
  )
})

for (const text of [
  '%%%',
  'AAA',
  'A===',
  '====',
  'AA=A',
  'AAAA=',
  '"AAAA"',
  'AA AA',
  'AAA-',
  'ÄAAA',
  '=',
]) {
  test(`decodeBase64() refuses ${text}`, () => {
    assert.equal(decodeBase64(Buffer.from(text)), undefined)
  })
}
