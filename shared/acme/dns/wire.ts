/**
 * DNS messages (RFC 1035 section 4), as far as updates and questions for a few types need them. Written without compression; read with it,
 * bounded in every direction. Why our own: docs/decisions, "a DNS codec of our own".
 */
import { characterStringBytesMax, messageBytesMax, recordsMax } from './limits.ts'
import { decodeName, encodeName } from './name.ts'

export const RecordType = { A: 1, NS: 2, CNAME: 5, SOA: 6, TXT: 16, AAAA: 28, TSIG: 250, ANY: 255 }
/** NONE and ANY delete in updates (RFC 2136 section 2.5). */
export const RecordClass = { IN: 1, NONE: 254, ANY: 255 }

export interface Question {
  readonly name: string
  readonly type: number
  readonly class: number
}

export interface DnsRecord extends Question {
  readonly ttl: number
  /** RDATA; names in it that may be compressed are written out, for NS, CNAME and SOA. */
  readonly content: Buffer
}

/** The four sections have other names in an update: zone, prerequisites, updates, additional. */
export interface Message {
  readonly id: number
  /** Bits of the header beside opcode and rcode, as `Flag`. */
  readonly flags: number
  /** 0 question, 5 update. */
  readonly opcode: number
  readonly rcode: number
  readonly questions: readonly Question[]
  readonly answers: readonly DnsRecord[]
  readonly authorities: readonly DnsRecord[]
  readonly additionals: readonly DnsRecord[]
}

export const Flag = { answer: 0x8000, authoritative: 0x400, truncated: 0x200, recursion: 0x100 }
const flagBits = 0x87f0
const headBytes = 12

export function encodeMessage(message: Message): Buffer {
  const { questions, answers, authorities, additionals } = message
  const head = Buffer.alloc(headBytes)
  head.writeUInt16BE(message.id, 0)
  head.writeUInt16BE((message.flags & flagBits) | (message.opcode << 11) | message.rcode, 2)
  for (const [index, section] of [questions, answers, authorities, additionals].entries()) {
    head.writeUInt16BE(section.length, 4 + index * 2)
  }
  const records = [...answers, ...authorities, ...additionals]
  const bytes = Buffer.concat([
    head,
    ...questions.map(encodeQuestion),
    ...records.map(encodeRecord),
  ])
  if (bytes.length > messageBytesMax) throw new Error('a message is too long')
  return bytes
}

export interface Decoded extends Message {
  /** Where the last record begins, which is where a TSIG would (RFC 8945 section 5.1); the length where there is no record. */
  readonly lastRecordAt: number
}

/** Throws a plain Error for what is no message. */
export function decodeMessage(bytes: Buffer): Decoded {
  if (bytes.length < headBytes) throw new Error('a message ends in its head')
  const [asked = 0, ...counts] = [4, 6, 8, 10].map((at) => bytes.readUInt16BE(at))
  if ([asked, ...counts].some((count) => count > recordsMax)) throw new Error('too many records')
  const questions = decodeQuestions(bytes, asked)
  const reader: Reader = { bytes, at: questions.end, lastAt: bytes.length }
  const [answers = [], authorities = [], additionals = []] = counts.map((count) =>
    Array.from({ length: count }, () => decodeRecord(reader)),
  )
  if (reader.at !== bytes.length) throw new Error('a message goes on after its end')
  const bits = bytes.readUInt16BE(2)
  return {
    id: bytes.readUInt16BE(0),
    flags: bits & flagBits,
    opcode: (bits >> 11) & 0xf,
    rcode: bits & 0xf,
    questions: questions.read,
    answers,
    authorities,
    additionals,
    lastRecordAt: reader.lastAt,
  }
}

/** The content of a TXT record with this text, in strings of 255 bytes. */
export function txtContent(text: string): Buffer {
  const bytes = Buffer.from(text)
  const parts: Buffer[] = []
  for (let at = 0; at === 0 || at < bytes.length; at += characterStringBytesMax) {
    const part = bytes.subarray(at, at + characterStringBytesMax)
    parts.push(Buffer.of(part.length), part)
  }
  return Buffer.concat(parts)
}

/** The text of a TXT record: its strings one after the other, as the CA reads them. */
export function txtOf(content: Buffer): string {
  const parts: Buffer[] = []
  for (let at = 0; at < content.length; ) {
    const length = content[at] ?? 0
    if (at + 1 + length > content.length) throw new Error('a text ends too early')
    parts.push(content.subarray(at + 1, at + 1 + length))
    at += 1 + length
  }
  return Buffer.concat(parts).toString('utf8')
}

interface Reader {
  readonly bytes: Buffer
  at: number
  lastAt: number
}

function encodeQuestion({ name, type, class: kind }: Question): Buffer {
  const tail = Buffer.alloc(4)
  tail.writeUInt16BE(type, 0)
  tail.writeUInt16BE(kind, 2)
  return Buffer.concat([encodeName(name), tail])
}

function encodeRecord(record: DnsRecord): Buffer {
  const tail = Buffer.alloc(6)
  tail.writeUInt32BE(record.ttl, 0)
  tail.writeUInt16BE(record.content.length, 4)
  return Buffer.concat([encodeQuestion(record), tail, record.content])
}

function decodeQuestions(bytes: Buffer, count: number): { read: Question[]; end: number } {
  const read: Question[] = []
  let end = headBytes
  for (let index = 0; index < count; index += 1) {
    const { name, end: at } = decodeName(bytes, end)
    if (at + 4 > bytes.length) throw new Error('a question ends too early')
    read.push({ name, type: bytes.readUInt16BE(at), class: bytes.readUInt16BE(at + 2) })
    end = at + 4
  }
  return { read, end }
}

function decodeRecord(reader: Reader): DnsRecord {
  const { bytes } = reader
  const { name, end: at } = decodeName(bytes, reader.at)
  if (at + 10 > bytes.length) throw new Error('a record ends too early')
  const end = at + 10 + bytes.readUInt16BE(at + 8)
  if (end > bytes.length) throw new Error('the content of a record ends too early')
  reader.lastAt = reader.at
  reader.at = end
  const type = bytes.readUInt16BE(at)
  return {
    name,
    type,
    class: bytes.readUInt16BE(at + 2),
    ttl: bytes.readUInt32BE(at + 4),
    content: writtenOut(type, bytes.subarray(0, end), at + 10),
  }
}

/** Names at the beginning of these may point elsewhere into the message. Updates name types without content. */
function writtenOut(type: number, upTo: Buffer, start: number): Buffer {
  const names = { [RecordType.NS]: 1, [RecordType.CNAME]: 1, [RecordType.SOA]: 2 }[type] ?? 0
  if (names === 0 || start === upTo.length) return Buffer.from(upTo.subarray(start))
  const parts: Buffer[] = []
  let at = start
  for (let index = 0; index < names; index += 1) {
    const { name, end } = decodeName(upTo, at)
    parts.push(encodeName(name))
    at = end
  }
  return Buffer.concat([...parts, upTo.subarray(at)])
}
