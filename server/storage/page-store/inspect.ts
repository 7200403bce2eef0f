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
import { demandOwnFiles, pagesFile, rootKey } from './files.ts'
import { type FileTree, LmdbFile, type Meta } from './lmdb-file.ts'
import {
  branchOf,
  headerBytes,
  type LeafEntry,
  leafOf,
  Misshapen,
  pageKind,
  readNumber,
  type TreeName,
} from './lmdb-nodes.ts'

/** Pages looked at before others get their turn: about 2 ms. */
const slicePages = 512
/** A process that still writes moves the file on while it is walked; then the walk begins again, for longer than such a process lives on. */
const attemptsMax = 60
const attemptPauseMs = 50

export interface Where {
  readonly folder: string
  /** Name of the database, for texts of errors. */
  readonly database: string
}

/** Resolves where LMDB can open the file safely, or where there is none yet; else rejects with `DatabaseDamaged`, `DataFileForeign`. */
export async function inspectPages({ folder, database }: Where): Promise<void> {
  demandOwnFiles(folder, database)
  const path = join(folder, pagesFile)
  if (!existsSync(path)) return
  const fd = openSync(path, 'r')
  try {
    await inspectFile(fd)
  } catch (error) {
    if (!(error instanceof Misshapen)) throw error
    throw misshapen(database, error)
  } finally {
    closeSync(fd)
  }
}

/**
 * The root that a file holds now, read without LMDB; nothing where there is none. For a look at a file that another process has, that
 * was changed by one, or that nobody may open yet. Throws `DatabaseDamaged`.
 */
export function peekRoot(where: Where): Buffer | undefined {
  return peekValue(where, rootKey)
}

/** The same for the value under any key. */
export function peekValue({ folder, database }: Where, key: number): Buffer | undefined {
  demandOwnFiles(folder, database)
  const path = join(folder, pagesFile)
  if (!existsSync(path)) return undefined
  const fd = openSync(path, 'r')
  try {
    return settled(fd, key)
  } catch (error) {
    if (!(error instanceof Misshapen)) throw error
    throw misshapen(database, error)
  } finally {
    closeSync(fd)
  }
}

/** Whoever commits meanwhile moves the state on: then it is looked for again. */
function settled(fd: number, key: number): Buffer | undefined {
  for (let attempt = 1; ; attempt += 1) {
    const file = new LmdbFile(fd)
    const before = file.state()
    const found = valueOrNot(file, key)
    const isStill = new LmdbFile(fd).state().equals(before)
    if (!isStill && attempt < attemptsMax) continue
    if (found instanceof Misshapen) throw found
    return found
  }
}

function valueOrNot(file: LmdbFile, key: number): Buffer | undefined | Misshapen {
  try {
    return file.isEmpty ? undefined : file.value(key)
  } catch (error) {
    if (error instanceof Misshapen) return error
    throw error
  }
}

function misshapen(database: string, error: Misshapen): Error {
  return errors.DatabaseDamaged(
    database,
    `the structure of ${pagesFile} is broken (${error.message})`,
  )
}

async function inspectFile(fd: number): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const file = new LmdbFile(fd)
    if (file.isEmpty) return
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

interface InPage {
  readonly entry: LeafEntry
  readonly page: number
}

class Walk {
  readonly #file: LmdbFile
  readonly #meta: Meta
  readonly #reached: Marks
  #looked = 0

  constructor(file: LmdbFile, meta: Meta) {
    this.#file = file
    this.#meta = meta
    this.#reached = new Marks()
    for (const page of [0, 1]) this.#reached.add(page)
  }

  async run(): Promise<void> {
    const overflow: { page: number; pages: number }[] = []
    for await (const { entry } of this.#entries('pages', this.#meta.main)) {
      if (entry.key !== 0 && entry.size !== sealedPageBytes)
        throw new Misshapen(`the value of page ${entry.key} has ${entry.size} bytes`)
      if (entry.overflow !== undefined) overflow.push(entry.overflow)
    }
    for await (const { entry, page } of this.#entries('free', this.#meta.free)) {
      await this.#freeList(entry, page)
    }
    if (overflow.length <= inspectedHeadersMax) await this.#overflowHeaders(overflow)
  }

  /** In the order of the file, which is the quicker one. */
  async #overflowHeaders(overflow: { page: number; pages: number }[]): Promise<void> {
    for (const { page, pages } of overflow.sort((a, b) => a.page - b.page)) {
      await this.#pause()
      const header = this.#page(page, pageKind.overflow, headerBytes)
      if (header.readUInt32LE(20) !== pages)
        throw new Misshapen(`page ${page} says another length than its reference`)
    }
  }

  /** All leaf entries of a tree, in order, each with the page that it stands in. */
  async *#entries(tree: TreeName, root: FileTree): AsyncGenerator<InPage> {
    let last = -1
    for await (const page of this.#leaves(tree, root)) {
      const entries = leafOf(Buffer.from(this.#page(page, pageKind.leaf)), page, tree)
      const [first] = entries
      if (tree === 'pages' && first !== undefined && first.key <= last)
        throw new Misshapen(`page ${page} has keys that belong before it`)
      last = entries.at(-1)?.key ?? last
      for (const entry of entries) {
        if (entry.overflow !== undefined) this.#claim(entry.overflow.page, entry.overflow.pages)
        yield { entry, page }
      }
    }
  }

  /** The leaves of a tree, in order. */
  async *#leaves(tree: TreeName, { root, depth }: FileTree): AsyncGenerator<number> {
    if (root === undefined) return
    if (depth > depthMax) throw new Misshapen(`a tree is said to be ${depth} levels deep`)
    const path: { page: number; level: number }[] = [{ page: root, level: depth }]
    for (let next = path.pop(); next !== undefined; next = path.pop()) {
      await this.#pause()
      const { page, level } = next
      this.#claim(page, 1)
      if (level <= 1) yield page
      else {
        const children = branchOf(this.#page(page, pageKind.branch), page, tree)
        path.push(...children.toReversed().map(({ child }) => ({ page: child, level: level - 1 })))
      }
    }
  }

  /** Free pages as LMDB keeps them: a count, then page numbers; a negative number is the length of the block that follows it; 0 is a gap. */
  async #freeList(entry: LeafEntry, page: number): Promise<void> {
    const list = this.#file.bytesOf(entry, page)
    const count = list.length < 8 ? -1 : readNumber(list, 0)
    if (count < 0 || (count + 1) * 8 > list.length) throw new Misshapen('a free list is broken')
    let length = 1
    for (let i = 1; i <= count; i += 1) {
      const number = Number(list.readBigInt64LE(i * 8))
      if (number < 0) length = -number
      else if (number > 0) {
        this.#release(number, length)
        length = 1
      }
    }
  }

  /** The page begins as one of its kind does. */
  #page(page: number, kind: number, length?: number): Buffer {
    const bytes = this.#file.page(page, kind, length)
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
    if (!this.#reached.add(page)) throw new Misshapen(`page ${page} is used twice`)
  }

  async #pause(): Promise<void> {
    this.#looked += 1
    if (this.#looked % slicePages === 0) await turn()
  }
}

/** LMDB's own bound. */
const depthMax = 32
const partPages = 65_536

/** A set of page numbers; memory goes by what is in it and not by the length that a file claims. */
class Marks {
  readonly #parts = new Map<number, Uint8Array>()

  /** False where it is there already. */
  add(page: number): boolean {
    const number = Math.floor(page / partPages)
    const part = this.#parts.get(number) ?? new Uint8Array(partPages)
    this.#parts.set(number, part)
    if (part[page % partPages] === 1) return false
    part[page % partPages] = 1
    return true
  }
}
