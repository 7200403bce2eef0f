/**
 * Messages signed with a shared key (RFC 8945). The signature covers the very bytes that are sent, which is why signing and the codec
 * belong together.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { tsigFudgeSeconds } from './limits.ts'
import { decodeName, encodeName } from './name.ts'
import {
  type Decoded,
  type DnsRecord,
  decodeMessage,
  encodeMessage,
  RecordClass,
  RecordType,
} from './wire.ts'

export interface TsigKey {
  readonly name: string
  readonly algorithm: 'hmac-sha256' | 'hmac-sha512'
  readonly secret: Buffer
}

export interface Signed {
  readonly bytes: Buffer
  /** Its answer is signed together with this. */
  readonly mac: Buffer
}

/** What an answer proves. Only `verified` is the server's word. */
export type TsigVerdict =
  | { readonly kind: 'verified' }
  /** It knows no such key (17 BADKEY) or computes another signature (16 BADSIG): such an answer is not signed. */
  | { readonly kind: 'refused'; readonly error: number }
  /** The clocks are apart; signed. Seconds since 1970 by the server's clock. */
  | { readonly kind: 'bad-time'; readonly serverSeconds: number }
  | { readonly kind: 'unsigned' }
  /** Signed, but not by this key over these bytes. */
  | { readonly kind: 'forged' }
  /** Rightly signed, at another time than now: perhaps an old answer. */
  | { readonly kind: 'late' }

export const TsigError = { badSignature: 16, badKey: 17, badTime: 18 } as const

/** The message with the signature as its last record. `bytes` must hold none yet. */
export function signed(bytes: Buffer, key: TsigKey, nowMs: number): Signed {
  const message = decodeMessage(bytes)
  const fields = {
    seconds: Math.floor(nowMs / 1000),
    fudge: tsigFudgeSeconds,
    error: 0,
    other: Buffer.alloc(0),
  }
  const mac = macOf(key, [bytes, variables(key, fields)])
  const record = {
    name: key.name,
    type: RecordType.TSIG,
    class: RecordClass.ANY,
    ttl: 0,
    content: encodeTsig(key.algorithm, { ...fields, mac, originalId: message.id }),
  }
  return {
    mac,
    bytes: encodeMessage({ ...message, additionals: [...message.additionals, record] }),
  }
}

/** Looks at the answer to a message that was signed; compares in constant time. */
export function verdictOn(
  answer: Buffer,
  request: { readonly key: TsigKey; readonly mac: Buffer },
  nowMs: number,
): TsigVerdict {
  const message = decodeMessage(answer)
  const record = message.additionals.at(-1)
  if (record?.type !== RecordType.TSIG) return { kind: 'unsigned' }
  const tsig = decodeTsig(record)
  if (tsig.mac.length === 0 && isRefusal(tsig.error)) return { kind: 'refused', error: tsig.error }
  if (!isRight({ answer, message, record, tsig, ...request })) return { kind: 'forged' }
  if (tsig.error === TsigError.badTime) {
    return { kind: 'bad-time', serverSeconds: uint48Of(tsig.other) ?? tsig.seconds }
  }
  if (isRefusal(tsig.error)) return { kind: 'refused', error: tsig.error }
  const apart = Math.abs(nowMs / 1000 - tsig.seconds)
  return apart > Math.min(tsig.fudge, tsigFudgeSeconds) + 1
    ? { kind: 'late' }
    : { kind: 'verified' }
}

interface Fields {
  readonly seconds: number
  readonly fudge: number
  readonly error: number
  readonly other: Buffer
}

interface Tsig extends Fields {
  readonly mac: Buffer
  readonly originalId: number
}

function isRefusal(error: number): boolean {
  return error === TsigError.badKey || error === TsigError.badSignature
}

interface Claim {
  readonly answer: Buffer
  readonly message: Decoded
  readonly record: DnsRecord
  readonly tsig: Tsig & { readonly algorithm: string }
  readonly key: TsigKey
  readonly mac: Buffer
}

/** The signature is over the request's, the answer as it was before it was signed, and the record without the signature. */
function isRight({ answer, message, record, tsig, key, mac }: Claim): boolean {
  if (record.class !== RecordClass.ANY || record.ttl !== 0) return false
  if (record.name !== key.name.toLowerCase() || tsig.algorithm !== key.algorithm) return false
  const before = Buffer.from(answer.subarray(0, message.lastRecordAt))
  before.writeUInt16BE(tsig.originalId, 0)
  before.writeUInt16BE(message.additionals.length - 1, 10)
  const length = uint16(mac.length)
  const expected = macOf(key, [length, mac, before, variables(key, tsig)])
  return expected.length === tsig.mac.length && timingSafeEqual(expected, tsig.mac)
}

function macOf({ algorithm, secret }: TsigKey, parts: readonly Buffer[]): Buffer {
  const hmac = createHmac(algorithm.slice('hmac-'.length), secret)
  for (const part of parts) hmac.update(part)
  return hmac.digest()
}

/** RFC 8945 section 4.3.3. */
function variables(key: TsigKey, { seconds, fudge, error, other }: Fields): Buffer {
  return Buffer.concat([
    ...[encodeName(key.name), uint16(RecordClass.ANY), Buffer.alloc(4)],
    ...[encodeName(key.algorithm), uint48(seconds), uint16(fudge)],
    ...[uint16(error), uint16(other.length), other],
  ])
}

/** RFC 8945 section 4.2. */
function encodeTsig(algorithm: string, tsig: Tsig): Buffer {
  return Buffer.concat([
    ...[encodeName(algorithm), uint48(tsig.seconds), uint16(tsig.fudge)],
    ...[uint16(tsig.mac.length), tsig.mac, uint16(tsig.originalId)],
    ...[uint16(tsig.error), uint16(tsig.other.length), tsig.other],
  ])
}

function decodeTsig({ content }: DnsRecord): Tsig & { readonly algorithm: string } {
  const { name: algorithm, end } = decodeName(content, 0)
  const macAt = end + 10
  if (macAt > content.length) throw new Error('a signature ends too early')
  const macEnd = macAt + content.readUInt16BE(end + 8)
  if (macEnd + 6 > content.length) throw new Error('a signature ends too early')
  const otherEnd = macEnd + 6 + content.readUInt16BE(macEnd + 4)
  if (otherEnd !== content.length) throw new Error('a signature has another length than it says')
  return {
    algorithm,
    seconds: content.readUIntBE(end, 6),
    fudge: content.readUInt16BE(end + 6),
    mac: content.subarray(macAt, macEnd),
    originalId: content.readUInt16BE(macEnd),
    error: content.readUInt16BE(macEnd + 2),
    other: content.subarray(macEnd + 6),
  }
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

function uint48(value: number): Buffer {
  const bytes = Buffer.alloc(6)
  bytes.writeUIntBE(value, 0, 6)
  return bytes
}

function uint48Of(bytes: Buffer): number | undefined {
  return bytes.length === 6 ? bytes.readUIntBE(0, 6) : undefined
}
