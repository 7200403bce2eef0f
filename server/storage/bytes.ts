/**
 * Keys are *byte strings*: JavaScript strings whose characters are all below 256, one for each byte ("latin1").
 * Their `<` is the order of the bytes, and comparing them costs less than comparing Buffers.
 */
export type ByteString = string

/** The bytes of a Buffer as a byte string. */
export function byteString(bytes: Uint8Array): ByteString {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

/** UTF-8 of a text as a byte string. */
export function utf8(text: string): ByteString {
  return Buffer.from(text, 'utf8').toString('latin1')
}

/** The text of a byte string that holds UTF-8. */
export function text(bytes: ByteString): string {
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

/** An unsigned number (up to 2^53) as eight bytes, big-endian: sorts as the numbers do. */
export function uint64(value: number): ByteString {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes.toString('latin1')
}

/** The number in the eight bytes at `offset`. */
export function readUint64(bytes: ByteString, offset = 0): number {
  return Number(Buffer.from(bytes.slice(offset, offset + 8), 'latin1').readBigUInt64BE())
}
