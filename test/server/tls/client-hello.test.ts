import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import fc from 'fast-check'
import { clientHelloBytesMax } from '#server/limits.ts'
import { readClientHello } from '#server/tls/client-hello.ts'
import { firstWordsOf } from '#test/support/client-hello.ts'

const acme = { servername: 'vault.example.com', ALPNProtocols: ['acme-tls/1'] }
const seen = { kind: 'hello', serverName: 'vault.example.com', protocols: ['acme-tls/1'] }

let real: Buffer
before(async () => {
  real = await firstWordsOf(acme)
})

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`readClientHello() finds name and protocols of a ${version} client`, async () => {
    const bounds = { minVersion: version, maxVersion: version }
    assert.deepEqual(readClientHello(await firstWordsOf({ ...acme, ...bounds })), seen)
    const two = { ...acme, ...bounds, ALPNProtocols: ['h2', 'http/1.1'] }
    const expected = { ...seen, protocols: ['h2', 'http/1.1'] }
    assert.deepEqual(readClientHello(await firstWordsOf(two)), expected)
    const none = { kind: 'hello', serverName: undefined, protocols: [] }
    assert.deepEqual(readClientHello(await firstWordsOf(bounds)), none)
  })
}

test('readClientHello() asks for more until the last byte is there, and then not for what comes behind', () => {
  for (let length = 0; length < real.length; length += 1) {
    assert.deepEqual(readClientHello(real.subarray(0, length)), { kind: 'more' }, `${length}`)
  }
  for (const behind of ['\x14\x03\x03\x00\x01\x01', '\x16\x03', 'anything'])
    assert.deepEqual(readClientHello(Buffer.concat([real, Buffer.from(behind, 'latin1')])), seen)
})

test('readClientHello() puts together what comes in many records', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 }), (size) => {
      assert.deepEqual(readClientHello(inRecords(real.subarray(5), size)), seen)
    }),
    { numRuns: 30 },
  )
})

for (const [what, bytes] of [
  ['plain HTTP', Buffer.from('GET / HTTP/1.1\r\n')],
  ['an alert', Buffer.from([21, 3, 1, 0, 2, 2, 40])],
  ['a ServerHello', Buffer.from([22, 3, 3, 0, 4, 2, 0, 0, 0])],
  ['an empty record', Buffer.from([22, 3, 1, 0, 0])],
  ['one that is too long', Buffer.from([22, 3, 1, 0x10, 0, 1, 0, 0x80, 0])],
  ['another record in its middle', Buffer.from([22, 3, 1, 0, 2, 1, 0, 23, 3, 3, 0, 1, 0])],
  ['an empty one', Buffer.from([22, 3, 1, 0, 4, 1, 0, 0, 0])],
] as const) {
  test(`readClientHello() leaves ${what} to TLS`, () => {
    assert.deepEqual(readClientHello(bytes), { kind: 'other' })
  })
}

test('readClientHello() neither throws nor waits for ever, whatever the bytes are', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ at: fc.nat(real.length - 1), byte: fc.nat(255) }), { maxLength: 8 }),
      fc.nat(real.length),
      (changes, length) => {
        const damaged = Buffer.from(real)
        for (const { at, byte } of changes) damaged[at] = byte
        assert(
          ['hello', 'other', 'more'].includes(readClientHello(damaged.subarray(0, length)).kind),
        )
        const endless = Buffer.concat([damaged, Buffer.alloc(clientHelloBytesMax * 6)])
        assert.notEqual(readClientHello(endless).kind, 'more')
      },
    ),
    { numRuns: 500 },
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      const hello = inRecords(Buffer.concat([Buffer.from([1, 0, 2, 0]), Buffer.from(bytes)]), 50)
      assert(['hello', 'other', 'more'].includes(readClientHello(hello).kind))
    }),
  )
})

function inRecords(message: Buffer, size: number): Buffer {
  const records: Buffer[] = []
  for (let at = 0; at < message.length; at += size) {
    const part = message.subarray(at, at + size)
    records.push(Buffer.from([22, 3, 1, part.length >> 8, part.length & 0xff]), part)
  }
  return Buffer.concat(records)
}
