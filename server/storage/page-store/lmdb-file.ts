/**
 * The parts of LMDB's file format that its own code trusts blindly, read without it.
 *
 * LMDB follows page numbers, offsets and sizes that it finds in the file, and ends the process where they point outside. Here the
 * same structures are read with bounds: meta pages, the pages of its two trees, the headers of the pages that values lie in.
 * Format of LMDB's data version 2 as lmdb 3.5 writes it (24-byte page headers), little-endian, 64 bits.
 */
import { fstatSync, readSync } from 'node:fs'
import {
  type Branch,
  branchOf,
  filePageBytes,
  headerBytes,
  type LeafEntry,
  leafOf,
  Misshapen,
  pageKind,
  readNumber,
} from './lmdb-nodes.ts'

const metaMagic = 0xbeefc0de
const dataVersion = 2
const metaFlag = 8
/** No address space is larger. */
const mapBytesMax = 2 ** 47

/** A tree of LMDB: the free list, or the pages. */
export interface FileTree {
  readonly depth: number
  /** `undefined` = empty. */
  readonly root: number | undefined
}

/** The newer of the two meta pages. */
export interface Meta {
  readonly transaction: number
  readonly lastPage: number
  readonly free: FileTree
  readonly main: FileTree
}

/** Reads one page, or its first bytes. The Buffer is valid until the next call. */
export class LmdbFile {
  readonly #fd: number
  readonly #page = Buffer.alloc(filePageBytes)
  /** Whole pages in the file. */
  readonly pages: number
  /** LMDB takes a file of no bytes for a new one, and any other for its own. */
  readonly isEmpty: boolean

  constructor(fd: number) {
    this.#fd = fd
    const { size } = fstatSync(fd)
    this.pages = Math.floor(size / filePageBytes)
    this.isEmpty = size === 0
  }

  read(page: number, length: number = filePageBytes): Buffer {
    if (page >= this.pages) throw new Misshapen(`page ${page} lies behind the end of the file`)
    const read = readSync(this.#fd, this.#page, 0, length, page * filePageBytes)
    if (read !== length) throw new Misshapen(`page ${page} is cut off`)
    return this.#page.subarray(0, length)
  }

  /** The value under a key in the tree of pages, found by LMDB's own way through it. Throws `Misshapen`. */
  value(key: number): Buffer | undefined {
    const { main } = this.meta()
    if (main.root === undefined) return undefined
    let page = main.root
    for (let level = main.depth; level > 1; level -= 1) {
      const entries = branchOf(this.page(page, pageKind.branch), page)
      page = (entries.findLast((entry, index) => index === 0 || entry.key <= key) as Branch).child
    }
    const leaf = Buffer.from(this.page(page, pageKind.leaf))
    const found = leafOf(leaf, page).find((entry) => entry.key === key)
    return found === undefined ? undefined : this.bytesOf(found, page)
  }

  /** The bytes of a leaf's entry, a copy. `page`: the leaf. */
  bytesOf({ size, at, overflow }: LeafEntry, page: number): Buffer {
    const from =
      at === undefined ? overflow.page * filePageBytes + headerBytes : page * filePageBytes + at
    if (from + size > this.pages * filePageBytes)
      throw new Misshapen(`a value in page ${page} lies behind the end of the file`)
    const bytes = Buffer.alloc(size)
    for (let done = 0; done < size; ) {
      const start = (from + done) % filePageBytes
      done += this.read(Math.floor((from + done) / filePageBytes)).copy(bytes, done, start)
    }
    return bytes
  }

  /** A page that begins as one of its kind does: its own number, and its kind. */
  page(number: number, kind: number, length: number = filePageBytes): Buffer {
    const bytes = this.read(number, length)
    if (readNumber(bytes, 0) !== number || bytes.readUInt16LE(18) !== kind)
      throw new Misshapen(`page ${number} is another one than its reference says`)
    return bytes
  }

  /** Length and meta pages as bytes, sound or not: the same while nobody commits. */
  state(): Buffer {
    const metas = [0, 1]
      .filter((page) => page < this.pages)
      .map((page) => Buffer.from(this.read(page)))
    return Buffer.concat([Buffer.from(`${this.pages} `), ...metas])
  }

  /** The state that LMDB would open. Throws `Misshapen`. */
  meta(): Meta {
    const [first, second] = [0, 1].map((page) => metaOf(this.read(page), page))
    if (first === undefined || second === undefined) throw new Misshapen('a meta page is missing')
    return first.transaction >= second.transaction ? first : second
  }
}

function metaOf(page: Buffer, number: number): Meta {
  const at = headerBytes
  const isMeta =
    (page.readUInt16LE(18) & metaFlag) !== 0 &&
    page.readUInt32LE(at) === metaMagic &&
    (page.readUInt32LE(at + 4) & 0xffff) === dataVersion &&
    page.readUInt32LE(at + 24) === filePageBytes
  if (!isMeta) throw new Misshapen(`meta page ${number} is not one`)
  const lastPage = readNumber(page, at + 120)
  const mapBytes = readNumber(page, at + 16)
  if (mapBytes > mapBytesMax || (lastPage + 1) * filePageBytes > mapBytes)
    throw new Misshapen(`meta page ${number} names impossible sizes`)
  return {
    transaction: readNumber(page, at + 128),
    lastPage,
    free: treeOf(page, at + 24),
    main: treeOf(page, at + 72),
  }
}

function treeOf(page: Buffer, at: number): FileTree {
  const root = page.readBigUInt64LE(at + 40)
  const isEmpty = root === 0xffff_ffff_ffff_ffffn
  return { depth: page.readUInt16LE(at + 6), root: isEmpty ? undefined : Number(root) }
}
