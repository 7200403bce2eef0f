/**
 * Reading ASN.1 that somebody else wrote, in BER (of which DER is a part): definite and indefinite lengths, octet strings in pieces.
 * Everything throws a plain Error where the bytes are not what was asked for; the caller says what could not be read.
 */

import { asn1ValuesMax } from './limits.ts'

export interface Asn1 {
  /** The identifier octet, e.g. 0x30 for a SEQUENCE, 0xa0 for `[0]` with members. */
  readonly tag: number
  /** Members of what is constructed, else none. */
  readonly children: readonly Asn1[]
  readonly content: Buffer
  /** All its bytes, with tag and length. */
  readonly encoded: Buffer
}

export const sequenceTag = 0x30
const oidTag = 0x06
const integerTag = 0x02
const constructed = 0x20
/** A PFX nests some twelve deep. */
const depthMax = 32

/** The one value that the bytes begin with. */
export function parse(bytes: Uint8Array): Asn1 {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return valueAt({ bytes: buffer, left: asn1ValuesMax }, 0, depthMax)
}

/** The one value that the bytes are, all its lengths as DER has them: definite, and no longer than needed. */
export function parseDer(bytes: Uint8Array): Asn1 {
  const value = parse(bytes)
  if (value.encoded.length !== bytes.length) throw new Error('there is more after it')
  demandShortestLengths(value)
  return value
}

function demandShortestLengths({ content, encoded, children }: Asn1): void {
  const lengthBytes = content.length < 0x80 ? 1 : 1 + Math.ceil(bitsIn(content.length) / 8)
  if (encoded.length !== 1 + lengthBytes + content.length)
    throw new Error('a length in it is not DER')
  for (const child of children) demandShortestLengths(child)
}

function bitsIn(number: number): number {
  return 32 - Math.clz32(number)
}

export function childrenOf(value: Asn1 | undefined): readonly Asn1[] {
  return value?.children ?? []
}

/** The bytes of an OCTET STRING, also where it is tagged implicitly or comes in pieces. */
export function octetsOf(value: Asn1 | undefined): Buffer {
  if (value === undefined) throw new Error('an octet string is missing')
  if ((value.tag & constructed) === 0) return value.content
  return Buffer.concat(value.children.map(octetsOf))
}

/** A non-negative number below 2^31. */
export function integerOf(value: Asn1 | undefined): number {
  if (value?.tag !== integerTag || value.content.length === 0 || value.content.length > 5) {
    throw new Error('a small number is missing')
  }
  const number = value.content.readUIntBE(0, value.content.length)
  if (number > 0x7fffffff) throw new Error('a number is out of range')
  return number
}

/** The dotted form of an OBJECT IDENTIFIER. */
export function oidOf(value: Asn1 | undefined): string {
  const last = value?.content.at(-1)
  if (value?.tag !== oidTag || last === undefined || last >= 0x80)
    throw new Error('an object identifier is missing')
  const arcs: number[] = []
  let arc = 0
  for (const byte of value.content) {
    arc = arc * 128 + (byte & 0x7f)
    if (byte >= 0x80) continue
    arcs.push(arc)
    arc = 0
  }
  const [first = 0, ...rest] = arcs
  const top = Math.min(Math.floor(first / 40), 2)
  return [top, first - top * 40, ...rest].join('.')
}

/** What is being read, and how many values may still be in it. */
interface Source {
  readonly bytes: Buffer
  left: number
}

function valueAt(source: Source, start: number, depth: number): Asn1 {
  if (depth === 0) throw new Error('nested too deep')
  if (source.left === 0) throw new Error(`it has more than ${asn1ValuesMax} values`)
  source.left -= 1
  const { bytes } = source
  const tag = byteAt(bytes, start)
  if ((tag & 0x1f) === 0x1f) throw new Error('tags of several bytes are not used here')
  const { from, to } = extentOf(bytes, start + 1)
  if (to === undefined) return indefinite(source, { tag, start, from, depth })
  const content = bytes.subarray(from, to)
  const children =
    (tag & constructed) === 0 ? [] : membersOf(source, { from, to, depth: depth - 1 })
  return { tag, children, content, encoded: bytes.subarray(start, to) }
}

interface Extent {
  readonly from: number
  readonly to: number
  readonly depth: number
}

function membersOf(source: Source, { from, to, depth }: Extent): Asn1[] {
  const members: Asn1[] = []
  for (let at = from; at < to; ) {
    const member = valueAt(source, at, depth)
    members.push(member)
    at += member.encoded.length
    if (at > to) throw new Error('a value in it is longer than what holds it')
  }
  return members
}

interface Opening {
  readonly tag: number
  readonly start: number
  readonly from: number
  readonly depth: number
}

/** Members up to the two zero bytes that end it. */
function indefinite(source: Source, { tag, start, from, depth }: Opening): Asn1 {
  if ((tag & constructed) === 0) throw new Error('its length is missing')
  const { bytes } = source
  const children: Asn1[] = []
  let at = from
  while (byteAt(bytes, at) !== 0 || byteAt(bytes, at + 1) !== 0) {
    const member = valueAt(source, at, depth - 1)
    children.push(member)
    at += member.encoded.length
  }
  return {
    tag,
    children,
    content: bytes.subarray(from, at),
    encoded: bytes.subarray(start, at + 2),
  }
}

/** Where the content lies; `to` is left out for an indefinite length. */
function extentOf(bytes: Buffer, at: number): { readonly from: number; readonly to?: number } {
  const first = byteAt(bytes, at)
  if (first === 0x80) return { from: at + 1 }
  const count = first < 0x80 ? 0 : first & 0x7f
  if (count > 4) throw new Error('its length is out of range')
  const from = at + 1 + count
  if (from > bytes.length) throw new Error('it is cut short')
  const to = from + (count === 0 ? first : bytes.readUIntBE(at + 1, count))
  if (to > bytes.length) throw new Error('it is cut short')
  return { from, to }
}

function byteAt(bytes: Buffer, at: number): number {
  const byte = bytes[at]
  if (byte === undefined) throw new Error('it is cut short')
  return byte
}
