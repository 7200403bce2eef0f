/**
 * The root record: what a database is at one commit. Sealed, and written in the same transaction as the pages it reaches.
 *
 *     format 2 | commit 8 | next page 8 | stored pages 8 | etag 8 | log position 8 | owner 16 | trees 2
 *     tree: id 2 | height 1 | count 8 | page 8 | epoch 2 | tag 16
 *     behind the trees: store commit 8, which older versions neither wrote nor read
 *
 * Padded with zeros to a multiple of 512 bytes, so that its size says little.
 */
import assert from 'node:assert/strict'
import { PageRef, readRef, readUint64, refBytes, writeRef, writeUint64 } from './btree/ref.ts'
import type { TreeRoot } from './btree/tree.ts'
import type { TreeId } from './engine.types.ts'

export const ownerBytes = 16
const formatVersion = 1
const headBytes = 2 + 8 * 5 + ownerBytes + 2
const treeBytes = 2 + 1 + 8 + refBytes
const storeCommitBytes = 8
const paddedTo = 512

export interface RootRecord {
  /** Commits so far; the first one is 1. */
  readonly commit: number
  /** The lowest page number that was never used. */
  readonly nextPage: number
  /** Pages in the store: reachable ones, and those on the free list. */
  readonly pages: number
  /** The highest etag that was given. */
  readonly etag: number
  /** How far the log is contained in the pages; 0 while there is none. */
  readonly logPosition: number
  /** The newest commit of the server store that this database knows of; 0 = none, also where an older version wrote the record. */
  readonly storeCommit: number
  /** Random id of the process that writes. */
  readonly owner: Buffer
  /** Trees with entries; each root is a sealed page. */
  readonly trees: ReadonlyMap<TreeId, TreeRoot>
}

export function encodeRoot(root: RootRecord): Buffer {
  const length = headBytes + root.trees.size * treeBytes + storeCommitBytes
  const bytes = Buffer.alloc(Math.ceil(length / paddedTo) * paddedTo)
  let at = bytes.writeUInt16BE(formatVersion, 0)
  for (const field of [root.commit, root.nextPage, root.pages, root.etag, root.logPosition])
    at = writeUint64(bytes, field, at)
  at += root.owner.copy(bytes, at, 0, ownerBytes)
  at = bytes.writeUInt16BE(root.trees.size, at)
  for (const [id, { child, height, count }] of root.trees) {
    assert(child instanceof PageRef, 'a root is sealed before the root record')
    at = bytes.writeUInt16BE(id, at)
    at = bytes.writeUInt8(height, at)
    at = writeUint64(bytes, count, at)
    at = writeRef(child, bytes, at)
  }
  writeUint64(bytes, root.storeCommit, at)
  return bytes
}

/** Nothing where the version is another. */
export function decodeRoot(bytes: Buffer): RootRecord | undefined {
  if (bytes.readUInt16BE(0) !== formatVersion) return undefined
  const numbers = Array.from({ length: 5 }, (_, i) => readUint64(bytes, 2 + 8 * i))
  const [commit, nextPage, pages, etag, logPosition] = numbers as [
    number,
    number,
    number,
    number,
    number,
  ]
  const trees = new Map<TreeId, TreeRoot>()
  for (let i = 0; i < bytes.readUInt16BE(headBytes - 2); i += 1) {
    const at = headBytes + i * treeBytes
    const root = {
      child: readRef(bytes, at + 11),
      height: bytes.readUInt8(at + 2),
      count: readUint64(bytes, at + 3),
    }
    trees.set(bytes.readUInt16BE(at), root)
  }
  const owner = Buffer.from(bytes.subarray(42, 42 + ownerBytes))
  const storeCommit = storeCommitOf(bytes, headBytes + trees.size * treeBytes)
  return { commit, nextPage, pages, etag, logPosition, storeCommit, owner, trees }
}

/** Zero in the padding of an older record, and where that had none. */
function storeCommitOf(bytes: Buffer, at: number): number {
  return at + storeCommitBytes > bytes.length ? 0 : readUint64(bytes, at)
}
