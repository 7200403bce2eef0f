/** The format is proven by a real server in test/flows; here is what such a server does not do. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { signed, type TsigKey, verdictOn } from '#shared/acme/dns/tsig.ts'
import { decodeMessage, encodeMessage, type Message, RecordType } from '#shared/acme/dns/wire.ts'

const nowMs = Date.UTC(2026, 0, 1)
const key: TsigKey = { name: 'k.test', algorithm: 'hmac-sha256', secret: Buffer.alloc(32, 1) }
const empty: Message = {
  ...{ id: 0x1234, flags: 0, opcode: 5, rcode: 0 },
  ...{ questions: [], answers: [], authorities: [], additionals: [] },
}

test('signed() signs the bytes that RFC 8945 names', () => {
  const bytes = encodeMessage(empty)
  const time = Buffer.alloc(6)
  time.writeUIntBE(nowMs / 1000, 0, 6)
  const variables = Buffer.concat([
    Buffer.from('016b047465737400' + '00ff' + '00000000', 'hex'),
    Buffer.from('\x0bhmac-sha256\x00'),
    ...[time, Buffer.from('012c' + '0000' + '0000', 'hex')],
  ])
  const expected = createHmac('sha256', key.secret).update(bytes).update(variables).digest()
  const { mac, bytes: sent } = signed(bytes, key, nowMs)
  assert.deepEqual(mac, expected)
  const { additionals, lastRecordAt } = decodeMessage(sent)
  assert.equal(additionals[0]?.type, RecordType.TSIG)
  assert.equal(sent.readUInt16BE(10), 1)
  const unsigned = Buffer.from(sent.subarray(0, lastRecordAt))
  unsigned.writeUInt16BE(0, 10)
  assert.deepEqual(unsigned, bytes)
})

test('signed() signs with SHA-512 where the key says so', () => {
  const { mac } = signed(encodeMessage(empty), { ...key, algorithm: 'hmac-sha512' }, nowMs)
  assert.equal(mac.length, 64)
})

/** An answer as a server signs it: the request's signature comes first. */
function answer(
  mac: Buffer,
  { by = key, error = 0, seconds = nowMs / 1000, other = '', unsigned = false } = {},
): Buffer {
  const body = encodeMessage({ ...empty, flags: 0x8000 })
  const head = (bytes: number, value: number) => {
    const buffer = Buffer.alloc(bytes)
    buffer.writeUIntBE(value, 0, bytes)
    return buffer
  }
  const name = (text: string) =>
    Buffer.concat([
      ...text.split('.').map((part) => Buffer.from(String.fromCharCode(part.length) + part)),
      Buffer.of(0),
    ])
  const otherBytes = Buffer.from(other, 'hex')
  const tail = Buffer.concat([head(2, error), head(2, otherBytes.length), otherBytes])
  const times = Buffer.concat([head(6, seconds), head(2, 300)])
  const digest = createHmac(by.algorithm.slice(5), by.secret)
    .update(Buffer.concat([head(2, mac.length), mac, body, name(by.name)]))
    .update(Buffer.concat([Buffer.from('00ff00000000', 'hex'), name(by.algorithm), times, tail]))
    .digest()
  const shown = unsigned ? Buffer.alloc(0) : digest
  const content = Buffer.concat([
    ...[name(by.algorithm), times, head(2, shown.length), shown],
    ...[head(2, empty.id), tail],
  ])
  const record = { name: by.name, type: RecordType.TSIG, class: 255, ttl: 0, content }
  return encodeMessage({ ...decodeMessage(body), additionals: [record] })
}

const { mac } = signed(encodeMessage(empty), key, nowMs)
const request = { key, mac }

test('verdictOn() takes an answer that is signed with the same key', () => {
  assert.deepEqual(verdictOn(answer(mac), request, nowMs), { kind: 'verified' })
  const long = { ...key, algorithm: 'hmac-sha512' } as const
  assert.deepEqual(verdictOn(answer(mac, { by: long }), { key: long, mac }, nowMs), {
    kind: 'verified',
  })
})

test('verdictOn() takes an answer whose id was changed on the way, as forwarders do', () => {
  const changed = answer(mac)
  changed.writeUInt16BE(0x4321, 0)
  assert.deepEqual(verdictOn(changed, request, nowMs), { kind: 'verified' })
})

test('verdictOn() tells forged, unsigned, refused and late answers apart', () => {
  const otherSecret = { ...key, secret: Buffer.alloc(32, 2) }
  const forged = { kind: 'forged' }
  assert.deepEqual(verdictOn(answer(mac, { by: otherSecret }), request, nowMs), forged)
  assert.deepEqual(
    verdictOn(answer(mac, { by: { ...key, name: 'l.test' } }), request, nowMs),
    forged,
  )
  assert.deepEqual(verdictOn(answer(Buffer.alloc(32)), request, nowMs), forged)
  assert.deepEqual(verdictOn(answer(mac, { unsigned: true }), request, nowMs), forged)
  assert.deepEqual(verdictOn(encodeMessage(empty), request, nowMs), { kind: 'unsigned' })
  for (const error of [16, 17]) {
    const refused = { kind: 'refused', error }
    assert.deepEqual(verdictOn(answer(mac, { error, unsigned: true }), request, nowMs), refused)
    assert.deepEqual(verdictOn(answer(mac, { error }), request, nowMs), refused)
  }
  assert.deepEqual(verdictOn(answer(mac), request, nowMs + 302_000), { kind: 'late' })
  assert.deepEqual(verdictOn(answer(mac), request, nowMs - 302_000), { kind: 'late' })
})

test("verdictOn() gives the server's own time where the clocks are apart", () => {
  const other = '000000000e10'
  assert.deepEqual(verdictOn(answer(mac, { error: 18, other }), request, nowMs), {
    kind: 'bad-time',
    serverSeconds: 3600,
  })
})

test('verdictOn() verifies nothing in which a single bit differs', () => {
  const right = answer(mac)
  fc.assert(
    fc.property(fc.nat({ max: right.length * 8 - 1 }), (bit) => {
      const wrong = Buffer.from(right)
      wrong[bit >> 3] = (wrong[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      // Outside the signature: the id on the wire, and the case of letters in names.
      const isCovered = bit >= 16 && lowerCase(wrong) !== lowerCase(right)
      if (isCovered) assert.notEqual(kindOf(wrong), 'verified')
    }),
    { numRuns: 500 },
  )
})

function lowerCase(bytes: Buffer): string {
  return bytes.toString('latin1').toLowerCase()
}

function kindOf(bytes: Buffer): string {
  try {
    return verdictOn(bytes, request, nowMs).kind
  } catch {
    return 'unreadable'
  }
}
