/**
 * Looks at everything that a store holds: every tree, every page, every tag; and whether every stored page is accounted for.
 *
 * Reports instead of throwing, so that one damaged page does not hide the next. The last step of storage tests, and `strongroom check`.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { plainPageBytes } from '#server/limits.ts'
import { PageKind as Kind, type PageKind, type Sealer } from '#server/seal/sealer.ts'
import type { Inner } from './btree/inner.ts'
import type { StoredLarge } from './btree/large.ts'
import { type Leaf, lowerBound } from './btree/leaf.ts'
import { decodeInner, decodeLeaf } from './btree/node-codec.ts'
import { decodeList, type PageRef, readUint64 } from './btree/ref.ts'
import type { ByteString } from './bytes.ts'
import { PageCache } from './cache/page-cache.ts'
import type { TreeId } from './engine.types.ts'
import { freeTree } from './free-list.ts'
import { openRoot } from './open-root.ts'
import { type CachedPage, PageReader } from './page-reader.ts'
import type { PageStore } from './page-store/page-store.ts'

export interface TreeReport {
  readonly tree: TreeId
  readonly entries: number
  readonly pages: number
}

export interface CheckReport {
  readonly commit: number
  readonly trees: readonly TreeReport[]
  /** Pages in the store. */
  readonly pages: number
  /** Sentences, each naming tree and page; none = all is well. */
  readonly problems: readonly string[]
}

/** Checks a store that nobody writes to. Throws `DatabaseDamaged` only where the root record does not open. */
export async function checkStore(parts: {
  readonly store: PageStore
  readonly sealer: Sealer
}): Promise<CheckReport> {
  const { root } = openRoot(parts)
  const check = new Check(parts)
  const trees: TreeReport[] = []
  for (const [tree, { child, height, count }] of root.trees) {
    const walked = await check.tree(tree, child as PageRef, height)
    if (walked.entries !== count)
      check.problems.push(`tree ${tree} has ${walked.entries} entries, its root says ${count}`)
    trees.push({ tree, ...walked })
  }
  const pages = check.stored(root.nextPage)
  if (pages !== root.pages)
    check.problems.push(`${pages} pages are stored, the root record says ${root.pages}`)
  return { commit: root.commit, trees, pages, problems: check.problems }
}

/** Keys that a node may hold. */
interface Bounds {
  readonly from: ByteString | undefined
  readonly to: ByteString | undefined
}

const slicePages = 256

class Check {
  readonly #store: PageStore
  readonly #reader: PageReader
  readonly #reached = new Set<number>()
  readonly #free = new Set<number>()
  readonly problems: string[] = []
  #entries = 0

  constructor({ store, sealer }: { readonly store: PageStore; readonly sealer: Sealer }) {
    this.#store = store
    this.#reader = new PageReader({
      store,
      sealer,
      cache: new PageCache<CachedPage>(1).partition(),
    })
  }

  async tree(
    tree: TreeId,
    root: PageRef,
    height: number,
  ): Promise<{ entries: number; pages: number }> {
    const before = this.#reached.size
    this.#entries = 0
    await this.#node({ tree, ref: root, level: height }, { from: undefined, to: undefined })
    return { entries: this.#entries, pages: this.#reached.size - before }
  }

  async #node(at: { tree: TreeId; ref: PageRef; level: number }, bounds: Bounds): Promise<void> {
    const plain = await this.#open(at, at.level === 0 ? Kind.Leaf : Kind.Inner)
    if (plain === undefined) return
    if (at.level === 0) return this.#leaf(at, decodeLeaf(plain), bounds)
    const inner = decodeInner(plain)
    this.#order(at, inner.separators, bounds)
    for (const [index, child] of inner.children.entries()) {
      const below = { tree: at.tree, ref: child as PageRef, level: at.level - 1 }
      await this.#node(below, boundsOf(inner, index, bounds))
    }
  }

  async #leaf(
    at: { tree: TreeId; ref: PageRef },
    { keys, values, plain }: Leaf,
    bounds: Bounds,
  ): Promise<void> {
    this.#order(at, keys, bounds)
    if (keys.length === 0) this.#problem(at, 'is an empty leaf')
    this.#entries += keys.length
    for (const value of values) {
      if (typeof value === 'object' && 'depth' in value) await this.#large(at.tree, value)
      if (typeof value === 'number' && at.tree === freeTree) this.#freed(value, plain as Buffer)
    }
  }

  async #large(tree: TreeId, { depth, refs }: Pick<StoredLarge, 'depth' | 'refs'>): Promise<void> {
    for (const ref of refs) {
      const plain = await this.#open({ tree, ref }, depth === 0 ? Kind.Extent : Kind.ExtentList)
      if (plain !== undefined && depth > 0)
        await this.#large(tree, { depth: depth - 1, refs: decodeList(plain) })
    }
  }

  #freed(packed: number, plain: Buffer): void {
    const start = packed >>> 13
    for (let at = start; at < start + (packed & 0x1fff); at += 8)
      this.#free.add(readUint64(plain, at))
  }

  async #open(at: { tree: TreeId; ref: PageRef }, kind: PageKind): Promise<Buffer | undefined> {
    if (this.#reached.has(at.ref.page)) this.#problem(at, 'is reached twice')
    this.#reached.add(at.ref.page)
    if (this.#reached.size % slicePages === 0) await turn()
    const plain = Buffer.allocUnsafeSlow(plainPageBytes)
    try {
      this.#reader.open({ ...at, kind }, plain)
      return plain
    } catch (error) {
      this.#problem(at, error instanceof Error ? error.message : String(error))
      return undefined
    }
  }

  #order(
    at: { tree: TreeId; ref: PageRef },
    keys: readonly ByteString[],
    { from, to }: Bounds,
  ): void {
    const isSorted = keys.every((key, i) => i === 0 || (keys[i - 1] as ByteString) < key)
    const isInside =
      (from === undefined || lowerBound(keys, from) === 0) &&
      (to === undefined || lowerBound(keys, to) === keys.length)
    if (!isSorted || !isInside) this.#problem(at, 'has keys out of order')
  }

  /** Compares what is stored with what is reached or on the free list; returns how many pages are stored. */
  stored(nextPage: number): number {
    let pages = 0
    for (const page of this.#store.pages()) {
      pages += 1
      if (page >= nextPage) this.problems.push(`page ${page} has a number that was never given`)
      const isReached = this.#reached.has(page)
      const isFree = this.#free.delete(page)
      if (isReached && isFree) this.problems.push(`page ${page} is used, and on the free list`)
      if (!isReached && !isFree)
        this.problems.push(`page ${page} is stored, but nothing leads to it`)
    }
    for (const page of this.#free)
      this.problems.push(`page ${page} is on the free list, but not stored`)
    return pages
  }

  #problem({ tree, ref }: { tree: TreeId; ref: PageRef }, what: string): void {
    this.problems.push(`page ${ref.page} of tree ${tree}: ${what}`)
  }
}

function boundsOf({ separators }: Inner, index: number, { from, to }: Bounds): Bounds {
  return { from: separators[index - 1] ?? from, to: separators[index] ?? to }
}
