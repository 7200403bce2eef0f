/**
 * The nodes in a branch or leaf page of LMDB, read with bounds.
 *
 * What passes here LMDB can follow, search and change without leaving the page: nodes lie inside it, behind each other without a gap,
 * in the order of their keys, and each is of the one shape that this store writes.
 */

export const filePageBytes = 8192
export const headerBytes = 24

/** Where something in the file is not what LMDB would have written. */
export class Misshapen extends Error {}

/** What a page is, by LMDB's flag. */
export const pageKind = { branch: 1, leaf: 2, overflow: 4 } as const
const bigNode = 1
const nodeHeaderBytes = 8
const keyBytes = 8

export interface Branch {
  /** Lowest key below; nothing for the first child. */
  readonly key: number
  readonly child: number
}

/** What a leaf's entry leads to: bytes inside the page, or pages of their own. */
export type LeafEntry = { readonly key: number; readonly size: number } & (
  | { readonly at: number; readonly overflow: undefined }
  | { readonly at: undefined; readonly overflow: { readonly page: number; readonly pages: number } }
)

/** The two trees of LMDB. Only the keys of `pages` are big-endian, so that their order can be seen. */
export type TreeName = 'pages' | 'free'

/** The children of a branch page in the order of their keys. Throws `Misshapen`. */
export function branchOf(bytes: Buffer, page: number, tree: TreeName = 'pages'): Branch[] {
  const nodes = nodesOf(bytes, page, (at) => bytes.readUInt16LE(at + 6))
  if (nodes.length === 0) throw new Misshapen(`branch page ${page} has no children`)
  const entries = nodes.map((at, index) => {
    if (index > 0 && bytes.readUInt16LE(at + 6) !== keyBytes)
      throw new Misshapen(`page ${page} has a broken key`)
    const low = bytes.readUInt16LE(at) + bytes.readUInt16LE(at + 2) * 0x1_0000
    const child = low + bytes.readUInt16LE(at + 4) * 0x1_0000_0000
    return { key: index === 0 ? -1 : keyOf(bytes, at + nodeHeaderBytes), child }
  })
  return tree === 'pages' ? inOrder(entries, page) : entries
}

/** The entries of a leaf page in the order of their keys. Throws `Misshapen`. */
export function leafOf(bytes: Buffer, page: number, tree: TreeName = 'pages'): LeafEntry[] {
  const inside = (at: number): number =>
    bytes.readUInt16LE(at + 4) === bigNode ? 24 : bytes.readUInt32LE(at)
  const nodes = nodesOf(bytes, page, (at) => keyBytes + inside(at))
  const entries = nodes.map((at) => entryOf(bytes, page, at))
  return tree === 'pages' ? inOrder(entries, page) : entries
}

function entryOf(bytes: Buffer, page: number, at: number): LeafEntry {
  const [size, flags] = [bytes.readUInt32LE(at), bytes.readUInt16LE(at + 4)]
  const data = at + nodeHeaderBytes + keyBytes
  if (flags > bigNode || bytes.readUInt16LE(at + 6) !== keyBytes)
    throw new Misshapen(`page ${page} has a broken entry`)
  const key = keyOf(bytes, at + nodeHeaderBytes)
  if (flags !== bigNode) return { key, size, at: data, overflow: undefined }
  const overflow = { page: readNumber(bytes, data), pages: readNumber(bytes, data + 16) }
  if (overflow.pages !== Math.ceil((size + headerBytes) / filePageBytes))
    throw new Misshapen(`page ${page} has an entry with an impossible length`)
  return { key, size, at: undefined, overflow }
}

function inOrder<E extends { readonly key: number }>(entries: E[], page: number): E[] {
  const isSorted = entries.every((entry, i) => i === 0 || (entries[i - 1] as E).key < entry.key)
  if (!isSorted) throw new Misshapen(`page ${page} has keys out of order`)
  return entries
}

/** Positions of the nodes in a page. They fill it from its upper bound to its end: LMDB moves them by that when it takes one away. */
function nodesOf(bytes: Buffer, page: number, contentOf: (at: number) => number): number[] {
  const lower = bytes.readUInt16LE(20)
  const upper = bytes.readUInt16LE(22)
  if (lower % 2 !== 0 || lower > upper || upper > filePageBytes - headerBytes)
    throw new Misshapen(`page ${page} has broken bounds`)
  const nodes = Array.from({ length: lower / 2 }, (_, i) => {
    const at = bytes.readUInt16LE(headerBytes + 2 * i) + headerBytes
    if (at < upper + headerBytes || at + nodeHeaderBytes > filePageBytes)
      throw new Misshapen(`page ${page} has an entry outside of it`)
    return at
  })
  let next = upper + headerBytes
  for (const at of [...nodes].sort((a, b) => a - b)) {
    if (at !== next) throw new Misshapen(`page ${page} has entries that lie over each other`)
    next = at + nodeHeaderBytes + contentOf(at)
    next += next % 2
    if (next > filePageBytes) throw new Misshapen(`page ${page} has a broken entry`)
  }
  if (nodes.length > 0 && next !== filePageBytes)
    throw new Misshapen(`page ${page} has a gap between its entries`)
  return nodes
}

function keyOf(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4)
}

/** Eight bytes; what does not fit a number is larger than anything allowed here. */
export function readNumber(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 0x1_0000_0000
}
