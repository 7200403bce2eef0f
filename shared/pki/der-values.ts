/** Values in DER (X.690): numbers, texts, moments and names of things. */
import { tagged } from './der.ts'

/** A non-negative whole number. */
export function integer(value: number): Buffer {
  const hex = value.toString(16)
  return integerOfBytes(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'))
}

/** A non-negative whole number from its big-endian bytes, the first of them not zero. */
export function integerOfBytes(bytes: Uint8Array): Buffer {
  return (bytes[0] ?? 0) >= 0x80 ? tagged(0x02, Buffer.from([0]), bytes) : tagged(0x02, bytes)
}

export function truth(): Buffer {
  return tagged(0x01, Buffer.from([0xff]))
}

export function utf8(text: string): Buffer {
  return tagged(0x0c, Buffer.from(text))
}

/** Milliseconds since 1970, to the second: UTCTime until 2049, GeneralizedTime from then on (RFC 5280 section 4.1.2.5). */
export function time(milliseconds: number): Buffer {
  const digits = new Date(milliseconds).toISOString().replace(/\.\d+Z$|[-:T]/g, '')
  const year = Number(digits.slice(0, 4))
  return year < 1950 || year > 2049
    ? tagged(0x18, Buffer.from(`${digits}Z`))
    : tagged(0x17, Buffer.from(`${digits.slice(2)}Z`))
}

/** An object identifier from its dotted form. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]))
}

/** Big-endian groups of seven bits; all but the last have the high bit. */
function base128(value: number): number[] {
  const groups = [value & 0x7f]
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) {
    groups.unshift((rest & 0x7f) | 0x80)
  }
  return groups
}
