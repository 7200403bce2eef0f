/**
 * Looks at a database's file before LMDB does: a damaged pointer would end the whole process, while here it is an error of one database.
 *
 * Walks LMDB's own pages, less than a hundredth of the file, and the headers of the pages that values lie in; checks that every pointer stays
 * inside, that no page is used twice or both used and free, and that every value has the one size that a sealed page has. Content
 * needs no look and no key: it is sealed.
 */
import { closeSync, existsSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { errors } from '#server/errors.ts'
import { inspectedHeadersMax, sealedPageBytes } from '#server/limits.ts'
import { pagesFile } from './files.ts'
import {
  type FileTree,
  filePageBytes,
  headerBytes,
  LmdbFile,
  type Meta,
  Misshapen,
  readNumber,
} from './lmdb-file.ts'

/** Pages looked at before others get their turn: about 2 ms. */
const slicePages = 512
/** A process that still writes moves the file on while it is walked; then the walk begins again, for longer than such a process lives on. */
const attemptsMax = 60
const attemptPauseMs = 50

/** Resolves where LMDB can open the file safely, or where there is none yet; else rejects with `DatabaseDamaged`. */
export async function inspectPages({
  folder,
  database,
}: {
  readonly folder: string
  readonly database: string
}): Promise<void> {
  const path = join(folder, pagesFile)
  if (!existsSync(path)) return
  const fd = openSync(path, 'r')
  try {
    await inspectFile(fd)
  } catch (error) {
    if (!(error instanceof Misshapen)) throw error
    throw errors.DatabaseDamaged(
      database,
      `the structure of ${pagesFile} is broken (${error.message})`,
    )
  } finally {
    closeSync(fd)
  }
}

async function inspectFile(fd: number): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const file = new LmdbFile(fd)
    if (file.pages === 0) return
    const before = file.state()
    try {
      return await new Walk(file, file.meta()).run()
    } catch (error) {
      const isStill = new LmdbFile(fd).state().equals(before)
      if (isStill || attempt === attemptsMax) throw error
      await sleep(attemptPauseMs)
    }
  }
}

const branchFlag = 1
const leafFlag = 2
const overflowFlag = 4
const bigNode = 1
const nodeHeaderBytes = 8
const keyBytes = 8

/** What a leaf node leads to: bytes inside the page, or pages of their own. */
interface Value {
  readonly key: number
  readonly size: number
  /** Position inside the leaf; `undefined` for a value in pages of its own. */
  readonly at: number | undefined
  readonly overflow: { readonly page: number; readonly pages: number } | undefined
}

class Walk {
  readonly #file: LmdbFile
  readonly #meta: Meta
  /** 1 = reached already. */
  readonly #seen: Uint8Array
  #looked = 0

  constructor(file: LmdbFile, meta: Meta) {
    this.#file = file
    this.#meta = meta
    this.#seen = new Uint8Array(Math.max(file.pages, 2))
    this.#seen.fill(1, 0, 2)
  }

  async run(): Promise<void> {
    const overflow: { page: number; pages: number }[] = []
    for await (const value of this.#values(this.#meta.main)) {
      if (value.key !== 0 && value.size !== sealedPageBytes)
        throw new Misshapen(`the value of page ${value.key} has ${value.size} bytes`)
      if (value.overflow !== undefined) overflow.push(value.overflow)
    }
    for await (const value of this.#values(this.#meta.free)) await this.#freeList(value)
    if (overflow.length <= inspectedHeadersMax) await this.#overflowHeaders(overflow)
  }

  /** In the order of the file, which is the quicker one. */
  async #overflowHeaders(overflow: { page: number; pages: number }[]): Promise<void> {
    for (const { page, pages } of overflow.sort((a, b) => a.page - b.page)) {
      await this.#pause()
      const header = this.#header(page, overflowFlag)
      if (header.readUInt32LE(20) !== pages)
        throw new Misshapen(`page ${page} says another length than its reference`)
    }
  }

  /** All leaf nodes of a tree. */
  async *#values({ root, depth }: FileTree): AsyncGenerator<Value> {
    if (root === undefined) return
    const path: { page: number; level: number }[] = [{ page: root, level: depth }]
    for (let next = path.pop(); next !== undefined; next = path.pop()) {
      await this.#pause()
      this.#claim(next.page, 1)
      const { page, level } = next
      if (level <= 1) yield* this.#leaf(page)
      else path.push(...this.#children(page).map((child) => ({ page: child, level: level - 1 })))
    }
  }

  #children(page: number): number[] {
    const bytes = this.#header(page, branchFlag, filePageBytes)
    const nodes = nodesOf(bytes, page)
    if (nodes.length === 0) throw new Misshapen(`branch page ${page} has no children`)
    return nodes.map((at, index) => {
      const size = bytes.readUInt16LE(at + 6)
      if (at + nodeHeaderBytes + size > filePageBytes || (index > 0 && size !== keyBytes))
        throw new Misshapen(`page ${page} has a broken key`)
      const low = bytes.readUInt16LE(at) + bytes.readUInt16LE(at + 2) * 0x1_0000
      return low + bytes.readUInt16LE(at + 4) * 0x1_0000_0000
    })
  }

  #leaf(page: number): Value[] {
    const bytes = this.#header(page, leafFlag, filePageBytes)
    return nodesOf(bytes, page).map((at) => this.#value(bytes, page, at))
  }

  #value(bytes: Buffer, page: number, at: number): Value {
    const size = bytes.readUInt32LE(at)
    const flags = bytes.readUInt16LE(at + 4)
    const data = at + nodeHeaderBytes + keyBytes
    const inside = flags === bigNode ? 24 : size
    if (flags > bigNode || bytes.readUInt16LE(at + 6) !== keyBytes || data + inside > filePageBytes)
      throw new Misshapen(`page ${page} has a broken entry`)
    const key = keyOf(bytes, at + nodeHeaderBytes)
    if (flags !== bigNode)
      return { key, size, at: page * filePageBytes + data, overflow: undefined }
    const overflow = { page: readNumber(bytes, data), pages: readNumber(bytes, data + 16) }
    if (overflow.pages !== Math.ceil((size + headerBytes) / filePageBytes))
      throw new Misshapen(`page ${page} has an entry with an impossible length`)
    this.#claim(overflow.page, overflow.pages)
    return { key, size, at: undefined, overflow }
  }

  /** Free pages as LMDB keeps them: a count, then page numbers; a negative number is the length of the block that follows it; 0 is a gap. */
  async #freeList(value: Value): Promise<void> {
    const list = this.#bytesOf(value)
    const count = list.length < 8 ? -1 : readNumber(list, 0)
    if (count < 0 || (count + 1) * 8 > list.length) throw new Misshapen('a free list is broken')
    let length = 1
    for (let i = 1; i <= count; i += 1) {
      const entry = Number(list.readBigInt64LE(i * 8))
      if (entry < 0) length = -entry
      else if (entry > 0) {
        this.#release(entry, length)
        length = 1
      }
    }
  }

  #bytesOf({ size, at, overflow }: Value): Buffer {
    const from = overflow === undefined ? (at ?? 0) : overflow.page * filePageBytes + headerBytes
    const bytes = Buffer.alloc(size)
    for (let done = 0; done < size; ) {
      const page = Math.floor((from + done) / filePageBytes)
      const start = (from + done) % filePageBytes
      done += this.#file.read(page).copy(bytes, done, start)
    }
    return bytes
  }

  /** The page begins as one of its kind does. */
  #header(page: number, kind: number, length: number = headerBytes): Buffer {
    const bytes = this.#file.read(page, length)
    if (readNumber(bytes, 0) !== page || bytes.readUInt16LE(18) !== kind)
      throw new Misshapen(`page ${page} is another one than its reference says`)
    // LMDB takes a page from the future for one that it is just changing, and can write no more.
    if (readNumber(bytes, 8) > this.#meta.transaction)
      throw new Misshapen(`page ${page} comes from a transaction that has not been yet`)
    return bytes
  }

  #claim(page: number, pages: number): void {
    if (page + pages > this.#file.pages || page + pages - 1 > this.#meta.lastPage)
      throw new Misshapen(`a reference leads to page ${page}, behind the end of the file`)
    for (let i = page; i < page + pages; i += 1) this.#mark(i)
  }

  /** Free pages may lie behind the end of the file: it only grows when they are used. */
  #release(page: number, pages: number): void {
    if (page + pages - 1 > this.#meta.lastPage)
      throw new Misshapen(`free page ${page} lies behind the end of the file`)
    for (let i = page; i < Math.min(page + pages, this.#file.pages); i += 1) this.#mark(i)
  }

  #mark(page: number): void {
    if (this.#seen[page] !== 0) throw new Misshapen(`page ${page} is used twice`)
    this.#seen[page] = 1
  }

  async #pause(): Promise<void> {
    this.#looked += 1
    if (this.#looked % slicePages === 0) await turn()
  }
}

/** Positions of the nodes in a page. */
function nodesOf(bytes: Buffer, page: number): number[] {
  const lower = bytes.readUInt16LE(20)
  const upper = bytes.readUInt16LE(22)
  if (lower % 2 !== 0 || lower > upper || upper > filePageBytes - headerBytes)
    throw new Misshapen(`page ${page} has broken bounds`)
  return Array.from({ length: lower / 2 }, (_, i) => {
    const at = bytes.readUInt16LE(headerBytes + 2 * i) + headerBytes
    if (at < upper + headerBytes || at + nodeHeaderBytes > filePageBytes)
      throw new Misshapen(`page ${page} has an entry outside of it`)
    return at
  })
}

function keyOf(bytes: Buffer, at: number): number {
  return at + keyBytes > filePageBytes
    ? -1
    : bytes.readUInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4)
}
