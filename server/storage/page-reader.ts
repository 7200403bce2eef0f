/** Pages of one database, opened and decoded, through the cache. */

import { errors } from '#server/errors.ts'
import { plainPageBytes } from '#server/limits.ts'
import type { Sealer } from '#server/seal/sealer.ts'
import { PageKind } from '#server/seal/sealer.ts'
import { type CodedError, hasCode } from '#shared/errors.ts'
import { Inner, type Node } from './btree/inner.ts'
import { bytesUnder, type StoredLarge } from './btree/large.ts'
import type { Leaf } from './btree/leaf.ts'
import { decodeInner, decodeLeaf } from './btree/node-codec.ts'
import { decodeList, type PageRef } from './btree/ref.ts'
import type { Pages } from './btree/tree.ts'
import type { Partition } from './cache/page-cache.ts'
import type { TreeId } from './engine.types.ts'
import type { PageStore } from './page-store/page-store.ts'

/** What the cache holds: a node, or the bytes of a value that takes one page. */
export type CachedPage = Node | Buffer

const innerChances = 4
const leafChances = 1
/** A key in memory: a string and its place in an array. */
const keyOverheadBytes = 40

export class PageReader implements Pages {
  readonly #store: PageStore
  readonly #sealer: Sealer
  readonly #cache: Partition<CachedPage>
  readonly #damaged: (error: CodedError) => void
  hits = 0
  misses = 0

  constructor(parts: {
    readonly store: PageStore
    readonly sealer: Sealer
    readonly cache: Partition<CachedPage>
    /** Told of each page that does not open. */
    readonly damaged?: (error: CodedError) => void
  }) {
    this.#store = parts.store
    this.#sealer = parts.sealer
    this.#cache = parts.cache
    this.#damaged = parts.damaged ?? (() => undefined)
  }

  load(tree: TreeId, ref: PageRef, level: number): Node {
    const cached = this.#cache.get(ref.page)
    if (cached !== undefined) {
      this.hits += 1
      return cached as Node
    }
    const plain = Buffer.allocUnsafeSlow(plainPageBytes)
    this.open({ tree, ref, kind: level === 0 ? PageKind.Leaf : PageKind.Inner }, plain)
    const node = level === 0 ? decodeLeaf(plain) : decodeInner(plain)
    this.keep(ref.page, node)
    return node
  }

  large(tree: TreeId, value: StoredLarge): Buffer {
    const [only] = value.refs
    if (value.length <= plainPageBytes && only !== undefined)
      return this.#extent(tree, only).subarray(0, value.length)
    const whole = Buffer.allocUnsafeSlow(value.length)
    this.#fill(tree, value, whole)
    return whole
  }

  /** The numbers of all pages that a large value takes. */
  largePages(tree: TreeId, { depth, refs }: Pick<StoredLarge, 'depth' | 'refs'>): number[] {
    const pages: number[] = []
    for (const ref of refs) {
      pages.push(ref.page)
      if (depth === 0) continue
      for (const page of this.largePages(tree, { depth: depth - 1, refs: this.list(tree, ref) }))
        pages.push(page)
    }
    return pages
  }

  /** The references in a list page. */
  list(tree: TreeId, ref: PageRef): PageRef[] {
    const plain = Buffer.allocUnsafeSlow(plainPageBytes)
    this.open({ tree, ref, kind: PageKind.ExtentList }, plain)
    return decodeList(plain)
  }

  /** Opens a page into `plain`, past the cache. Throws `DatabaseDamaged`. */
  open(wanted: { tree: TreeId; ref: PageRef; kind: PageKind }, plain: Buffer): void {
    this.misses += 1
    try {
      this.#open(wanted, plain)
    } catch (error) {
      if (hasCode(error, 'DatabaseDamaged')) this.#damaged(error)
      throw error
    }
  }

  #open({ tree, ref, kind }: { tree: TreeId; ref: PageRef; kind: PageKind }, plain: Buffer): void {
    const { page, tag, epoch } = ref
    const slot = this.#store.read(page)
    if (slot === undefined)
      throw errors.DatabaseDamaged(this.#sealer.database, `page ${page} of tree ${tree} is missing`)
    this.#sealer.openPage({ tree, page, kind, tag, epoch }, slot, plain)
  }

  /** Puts a page that is durable into the cache. */
  keep(page: number, content: CachedPage): void {
    const isInner = content instanceof Inner
    this.#cache.put(page, content, {
      bytes: memoryBytes(content),
      chances: isInner ? innerChances : leafChances,
    })
  }

  #extent(tree: TreeId, ref: PageRef): Buffer {
    const cached = this.#cache.get(ref.page)
    if (cached !== undefined) {
      this.hits += 1
      return cached as Buffer
    }
    const plain = Buffer.allocUnsafeSlow(plainPageBytes)
    this.open({ tree, ref, kind: PageKind.Extent }, plain)
    this.keep(ref.page, plain)
    return plain
  }

  #fill(tree: TreeId, { depth, refs }: Pick<StoredLarge, 'depth' | 'refs'>, whole: Buffer): void {
    const step = bytesUnder(depth)
    for (const [index, ref] of refs.entries()) {
      const part = whole.subarray(index * step, (index + 1) * step)
      if (depth > 0) this.#fill(tree, { depth: depth - 1, refs: this.list(tree, ref) }, part)
      else this.#fillExtent(tree, ref, part)
    }
  }

  #fillExtent(tree: TreeId, ref: PageRef, part: Buffer): void {
    const isWhole = part.length === plainPageBytes
    const plain = isWhole ? part : Buffer.allocUnsafeSlow(plainPageBytes)
    this.open({ tree, ref, kind: PageKind.Extent }, plain)
    if (!isWhole) plain.copy(part)
  }
}

function memoryBytes(content: CachedPage): number {
  if (content instanceof Inner)
    return content.bytes + content.children.length * (keyOverheadBytes * 3)
  if (Buffer.isBuffer(content)) return plainPageBytes
  return plainPageBytes + leafKeysBytes(content)
}

function leafKeysBytes({ keys }: Leaf): number {
  return keys.length * keyOverheadBytes
}
