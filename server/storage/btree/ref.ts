/** References between pages, alone and in lists: `count 2 | n × (page 8 | epoch 2 | tag 16)`. */
import assert from 'node:assert/strict'
import type { ByteString } from '../bytes.ts'

/** A reference to a sealed page: all three are needed to open it. */
export class PageRef {
  readonly page: number
  /** 16 bytes. */
  readonly tag: ByteString
  readonly epoch: number

  constructor(page: number, tag: ByteString, epoch: number) {
    this.page = page
    this.tag = tag
    this.epoch = epoch
  }
}

/** A reference as bytes: page 8, epoch 2, tag 16. */
export const refBytes = 8 + 2 + 16

/** Writes a list of references to extents or to further lists. */
export function encodeList(refs: readonly PageRef[], page: Buffer): void {
  let at = page.writeUInt16BE(refs.length, 0)
  for (const ref of refs) at = writeRef(ref, page, at)
  page.fill(0, at)
}

/** The references in a list page. */
export function decodeList(page: Buffer): PageRef[] {
  const count = page.readUInt16BE(0)
  return Array.from({ length: count }, (_, i) => readRef(page, 2 + i * refBytes))
}

/** Writes `page 8 | epoch 2 | tag 16`; returns the position behind it. */
export function writeRef(ref: PageRef, bytes: Buffer, at: number): number {
  const epoch = bytes.writeUInt16BE(ref.epoch, writeUint64(bytes, ref.page, at))
  return epoch + bytes.write(ref.tag, epoch, 'latin1')
}

/** The reference at a position. */
export function readRef(bytes: Buffer, at: number): PageRef {
  const tag = bytes.toString('latin1', at + 10, at + refBytes)
  return new PageRef(readUint64(bytes, at), tag, bytes.readUInt16BE(at + 8))
}

/** Writes an integer below 2^53 as eight bytes; returns the position behind it. */
export function writeUint64(bytes: Buffer, value: number, at: number): number {
  assert(Number.isSafeInteger(value) && value >= 0)
  bytes.writeUInt32BE(Math.floor(value / 0x1_0000_0000), at)
  return bytes.writeUInt32BE(value % 0x1_0000_0000, at + 4)
}

/** The integer in the eight bytes at a position. */
export function readUint64(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4)
}
