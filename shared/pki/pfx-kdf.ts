/**
 * Key derivation of PKCS#12 (RFC 7292, appendix B): makes the key of a PFX's MAC, and those of its older ciphers.
 * Its block arithmetic is the standard's; the names here are the standard's letters, spelled out.
 */
import { hash } from 'node:crypto'

export type DerivedFor = 'key' | 'iv' | 'mac'

/** Digests by the length of what they give. */
export const digestBytes = { sha1: 20, sha224: 28, sha256: 32, sha384: 48, sha512: 64 } as const
export type Digest = keyof typeof digestBytes

export interface Derivation {
  readonly digest: Digest
  /** As `pfxPassword` spells it. */
  readonly password: Uint8Array
  readonly salt: Uint8Array
  readonly rounds: number
  readonly purpose: DerivedFor
  readonly bytes: number
}

const purposeIds = { key: 1, iv: 2, mac: 3 } as const

/** UTF-16 big-endian with a final zero, as PKCS#12 wants a password; letters beyond the first plane are two units of it. */
export function pfxPassword(password: string): Buffer {
  return Buffer.from(`${password}\0`, 'utf16le').swap16()
}

/** Blocks the thread: some 0.7 µs a round. */
export function derive({ digest, password, salt, rounds, purpose, bytes }: Derivation): Buffer {
  const blockBytes = digestBytes[digest] <= 32 ? 64 : 128
  const diversifier = Buffer.alloc(blockBytes, purposeIds[purpose])
  const input = Buffer.concat([filled(salt, blockBytes), filled(password, blockBytes)])
  const blocks: Buffer[] = []
  let length = 0
  while (length < bytes) {
    let block = hash(digest, Buffer.concat([diversifier, input]), 'buffer')
    for (let round = 1; round < rounds; round += 1) block = hash(digest, block, 'buffer')
    blocks.push(block)
    length += block.length
    addToEachBlock(input, filled(block, blockBytes).subarray(0, blockBytes))
  }
  return Buffer.concat(blocks).subarray(0, bytes)
}

/** Repeated up to the next multiple of a block; nothing stays nothing. */
function filled(bytes: Uint8Array, blockBytes: number): Buffer {
  const length = Math.ceil(bytes.length / blockBytes) * blockBytes
  return length === 0 ? Buffer.alloc(0) : Buffer.alloc(length, bytes)
}

/** input block := input block + addend + 1, as big-endian numbers. */
function addToEachBlock(input: Buffer, addend: Buffer): void {
  for (let start = 0; start < input.length; start += addend.length) {
    let carry = 1
    for (let at = addend.length - 1; at >= 0; at -= 1) {
      const sum = (input[start + at] ?? 0) + (addend[at] ?? 0) + carry
      input[start + at] = sum & 0xff
      carry = sum >> 8
    }
  }
}
