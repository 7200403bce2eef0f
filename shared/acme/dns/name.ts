/**
 * Domain names, as text and on the wire (RFC 1035 sections 3.1 and 4.1.4). As text: lower case, no dot at the end, the root is empty, bytes
 * that no host name has as `\DDD`. Reading is bounded: a compressed name may only point backwards, so that it ends.
 */
import { labelBytesMax, nameBytesMax } from './limits.ts'

/** The wire form, not compressed. Throws a plain Error for what is no name. */
export function encodeName(name: string): Buffer {
  const parts = labelsOf(name).map((label) => {
    const bytes = bytesOf(label)
    if (bytes.length === 0) throw new Error('a label of a name is empty')
    if (bytes.length > labelBytesMax) throw new Error('a label of a name is too long')
    return Buffer.concat([Buffer.of(bytes.length), bytes])
  })
  const encoded = Buffer.concat([...parts, Buffer.of(0)])
  if (encoded.length > nameBytesMax) throw new Error('a name is too long')
  return encoded
}

export interface NameAt {
  readonly name: string
  /** Where the next thing begins. */
  readonly end: number
}

/** The name that begins at `start`. Throws a plain Error for what is no name. */
export function decodeName(message: Buffer, start: number): NameAt {
  const labels: string[] = []
  let [at, lowest, bytes] = [start, start, 1]
  let end: number | undefined
  for (;;) {
    const length = byteAt(message, at)
    if (length === 0) return { name: labels.join('.'), end: end ?? at + 1 }
    if (length >= pointer) {
      end ??= at + 2
      at = pointedTo(message, at, lowest)
      lowest = at
    } else {
      bytes += length + 1
      if (bytes > nameBytesMax) throw new Error('a name is too long')
      labels.push(labelAt(message, at, length))
      at += length + 1
    }
  }
}

const pointer = 0xc0

/** Every jump lands before all that was read of the name so far, so the last one comes. */
function pointedTo(message: Buffer, at: number, lowest: number): number {
  const target = ((byteAt(message, at) & 0x3f) << 8) | byteAt(message, at + 1)
  if (target >= lowest) throw new Error('a compressed name does not point back')
  return target
}

function labelAt(message: Buffer, at: number, length: number): string {
  if (length > labelBytesMax) throw new Error('a label of a name is too long')
  if (at + 1 + length > message.length) throw new Error('a name ends too early')
  return textOf(message.subarray(at + 1, at + 1 + length))
}

/** `db.example.com` → `example.com` → `com` → the root. */
export function parentOf(name: string): string {
  return labelsOf(name).slice(1).join('.')
}

/** The name and everything above it, without the root, the longest first. */
export function withParents(name: string): readonly string[] {
  const labels = labelsOf(name)
  return labels.map((_, index) => labels.slice(index).join('.'))
}

/** True for the zone's own name and for all below it. */
export function isWithin(name: string, zone: string): boolean {
  return zone === '' || name === zone || name.endsWith(`.${zone}`)
}

/** One form for one name: lower case, no dot at the end. */
export function canonicalName(name: string): string {
  return name.toLowerCase().replace(/(?<!\\)\.$/, '')
}

function labelsOf(name: string): readonly string[] {
  const canonical = canonicalName(name)
  return canonical === '' ? [] : canonical.split('.')
}

function byteAt(message: Buffer, at: number): number {
  const byte = message[at]
  if (byte === undefined) throw new Error('a name ends too early')
  return byte
}

const plain = /[a-z0-9_*-]/

function textOf(label: Buffer): string {
  return [...label]
    .map((byte) => {
      const character = String.fromCharCode(byte).toLowerCase()
      return plain.test(character) && byte < 0x80 ? character : escaped(byte)
    })
    .join('')
}

function escaped(byte: number): string {
  return `\\${String(byte).padStart(3, '0')}`
}

function bytesOf(label: string): Buffer {
  const pieces = label.match(/\\\d{3}|[^\\]/gu) ?? []
  if (pieces.join('') !== label) throw new Error('a name has an unfinished escape')
  return Buffer.concat(
    pieces.map((piece) => {
      if (!piece.startsWith('\\')) return asciiOf(piece)
      const byte = Number(piece.slice(1))
      if (byte > 255) throw new Error('a name has an escape above 255')
      return Buffer.of(byte)
    }),
  )
}

function asciiOf(character: string): Buffer {
  if (!/^[!-~]$/.test(character)) throw new Error('a name has characters that are no ASCII')
  return Buffer.from(character, 'latin1')
}
