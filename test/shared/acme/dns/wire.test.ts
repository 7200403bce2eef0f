import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { encodeName } from '#shared/acme/dns/name.ts'
import {
  decodeMessage,
  encodeMessage,
  Flag,
  type Message,
  RecordClass,
  RecordType,
  txtContent,
  txtOf,
} from '#shared/acme/dns/wire.ts'

const label = fc.string({ unit: fc.constantFrom(...'abz09-_'), minLength: 1, maxLength: 20 })
const name = fc.array(label, { maxLength: 4 }).map((labels) => labels.join('.'))
const number16 = fc.nat({ max: 0xffff })
const plain = { noNullPrototype: true } as const
const question = fc.record({ name, type: number16, class: number16 }, plain)
/** Types whose content is not looked into. */
const record = fc.record(
  {
    name,
    type: fc.constantFrom(RecordType.A, RecordType.TXT, RecordType.TSIG, 999),
    class: number16,
    ttl: fc.nat({ max: 0xffffffff }),
    content: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  },
  plain,
)
const section = fc.array(record, { maxLength: 4 })
const message: fc.Arbitrary<Message> = fc.record(
  {
    id: number16,
    flags: fc.constantFrom(0, Flag.answer, Flag.recursion, Flag.answer | Flag.truncated),
    opcode: fc.nat({ max: 15 }),
    rcode: fc.nat({ max: 15 }),
    questions: fc.array(question, { maxLength: 3 }),
    answers: section,
    authorities: section,
    additionals: section,
  },
  plain,
)

test('decodeMessage() reads back what encodeMessage() wrote', () => {
  fc.assert(
    fc.property(message, (written) => {
      const { lastRecordAt, ...read } = decodeMessage(encodeMessage(written))
      assert.deepEqual(read, written)
      assert.ok(lastRecordAt >= 12)
    }),
  )
})

test('decodeMessage() ends for any bytes, with a message or an Error', () => {
  const counts = fc.array(fc.nat({ max: 3 }), { minLength: 4, maxLength: 4 })
  const bytes = fc.uint8Array({ maxLength: 400 })
  fc.assert(
    fc.property(counts, bytes, fc.boolean(), (numbers, rest, withHead) => {
      const head = Buffer.alloc(12)
      for (const [index, number] of numbers.entries()) head.writeUInt16BE(number, 4 + index * 2)
      isMessageOrError(Buffer.concat(withHead ? [head, rest] : [rest]))
    }),
    { numRuns: 1000 },
  )
})

test('decodeMessage() ends for a message in which bytes were changed or cut off', () => {
  const flips = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(message, flips, fc.nat({ max: 10 }), (written, changes, cut) => {
      const whole = encodeMessage(written)
      for (const [at, byte] of changes) whole[at % whole.length] = byte
      isMessageOrError(whole.subarray(0, whole.length - cut))
    }),
    { numRuns: 1000 },
  )
})

function isMessageOrError(bytes: Buffer): void {
  try {
    decodeMessage(bytes)
  } catch (error) {
    assert.match(String(error), /^Error: (?:too many records|a |the content )/)
  }
}

test('decodeMessage() reads an answer with compressed names in owners and contents', () => {
  // db.example.com CNAME ns.example.com, and the SOA of example.com, compressed as servers do.
  const soa = Buffer.concat([
    Buffer.from('026e73c00f', 'hex'),
    Buffer.from('c02c', 'hex'),
    Buffer.alloc(20, 7),
  ])
  const bytes = Buffer.concat([
    Buffer.from('1234840000010001000100000264620765' + '78616d706c6503636f6d0000050001', 'hex'),
    Buffer.from('c00c000500010000003c0005' + '026e73c00f', 'hex'),
    Buffer.from(`c00f000600010000003c${soa.length.toString(16).padStart(4, '0')}`, 'hex'),
    soa,
  ])
  const read = decodeMessage(bytes)
  assert.deepEqual(read.questions, [{ name: 'db.example.com', type: 5, class: 1 }])
  assert.equal(read.answers[0]?.name, 'db.example.com')
  assert.deepEqual(read.answers[0]?.content, encodeName('ns.example.com'))
  assert.equal(read.authorities[0]?.name, 'example.com')
  assert.deepEqual(
    read.authorities[0]?.content,
    Buffer.concat([
      encodeName('ns.example.com'),
      encodeName('ns.example.com'),
      Buffer.alloc(20, 7),
    ]),
  )
  assert.equal(read.flags, Flag.answer | Flag.authoritative)
})

test('decodeMessage() refuses more records than any answer has, and bytes behind the end', () => {
  const many = Buffer.alloc(12)
  many.writeUInt16BE(513, 6)
  assert.throws(() => decodeMessage(many), /too many records/)
  assert.throws(() => decodeMessage(Buffer.alloc(13)), /after its end/)
  assert.throws(() => decodeMessage(Buffer.alloc(11)), /in its head/)
})

test('encodeMessage() refuses what no length can say', () => {
  const big = {
    name: 'a',
    type: RecordType.TXT,
    class: RecordClass.IN,
    ttl: 0,
    content: Buffer.alloc(40_000),
  }
  const empty = { id: 1, flags: 0, opcode: 0, rcode: 0, questions: [], authorities: [] }
  const written = { ...empty, answers: [big, big], additionals: [] }
  assert.throws(() => encodeMessage(written), /too long/)
})

test('txtContent() cuts into strings of 255 bytes, which txtOf() joins', () => {
  assert.equal(txtContent('').toString('hex'), '00')
  assert.equal(txtContent('ab').toString('hex'), '026162')
  assert.equal(txtContent('x'.repeat(256)).length, 258)
  fc.assert(
    fc.property(fc.string({ maxLength: 700 }), (text) => {
      const whole = text.toWellFormed()
      assert.equal(txtOf(txtContent(whole)), whole)
    }),
  )
  assert.throws(() => txtOf(Buffer.of(5, 1)), /too early/)
})
