import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { addressBytes } from '#shared/pki/address-bytes.ts'

test('addressBytes() knows every way to write an address', () => {
  const cases: readonly [address: string, hex: string][] = [
    ['127.0.0.1', '7f000001'],
    ['255.254.0.9', 'fffe0009'],
    ['::', '0'.repeat(32)],
    ['::1', `${'0'.repeat(31)}1`],
    ['2001:db8::', `20010db8${'0'.repeat(24)}`],
    ['2001:DB8::a:1', `20010db8${'0'.repeat(16)}000a0001`],
    ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
    ['::ffff:1.2.3.4', `${'0'.repeat(20)}ffff01020304`],
  ]
  for (const [address, hex] of cases) assert.equal(addressBytes(address).toString('hex'), hex)
})

test('addressBytes() is the same for one address however it is written', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
      const hex = Buffer.from(bytes).toString('hex')
      const whole = hex.match(/.{4}/g)?.join(':') ?? ''
      assert.equal(addressBytes(whole).toString('hex'), hex)
      const short = new URL(`http://[${whole}]`).hostname.slice(1, -1)
      assert.equal(addressBytes(short).toString('hex'), hex)
    }),
  )
})
