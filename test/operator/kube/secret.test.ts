import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { secretBytes, secretData, secretText } from '#operator/kube/secret.ts'
import { secret } from '#test/support/resources.ts'

test('secretBytes() reads back every byte that secretData() wrote', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const written = { ...secret('s', {}), data: secretData({ key: bytes }) }
      assert.deepEqual(secretBytes(written, 'key'), Buffer.from(bytes))
    }),
  )
})

test('secretText() reads back texts, and is empty where there is nothing', () => {
  const written = { ...secret('s', {}), data: secretData({ key: 'Grüße €' }) }
  assert.equal(secretText(written, 'key'), 'Grüße €')
  assert.equal(secretText(written, 'other'), '')
  assert.equal(secretText(undefined, 'key'), '')
  assert.equal(secretBytes(undefined, 'key'), undefined)
})

test('secretData() writes only what it is given, of a Buffer that is part of a larger one too', () => {
  const part = Buffer.from('xxkeyxx').subarray(2, 5)
  assert.deepEqual(secretData({ a: part, b: '' }), { a: 'a2V5', b: '' })
})
