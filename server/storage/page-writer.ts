/**
 * Turns the fresh nodes of a change into sealed pages, children first, since a parent holds the tags of its children.
 *
 * Every page gets a number that was never used before: what a snapshot or a reader may still look at is never overwritten.
 */
import { plainPageBytes, sealedPageBytes } from '#server/limits.ts'
import type { Sealer } from '#server/seal/sealer.ts'
import { PageKind } from '#server/seal/sealer.ts'
import { type Child, Inner } from './btree/inner.ts'
import { bytesUnder, FreshLarge, largeShape, StoredLarge } from './btree/large.ts'
import { Leaf } from './btree/leaf.ts'
import { encodeInner, encodeLeaf } from './btree/node-codec.ts'
import { encodeList, PageRef } from './btree/ref.ts'
import type { TreeId } from './engine.types.ts'
import type { CachedPage } from './page-reader.ts'

const slotsPerBlock = 64
/** Memory for slots that is kept from one commit to the next. */
const blocksKept = 16

/** Memory for sealed slots, used again by each commit. */
export class Slots {
  readonly #blocks: Buffer[] = []
  #used = 0

  take(): Buffer {
    const index = Math.floor(this.#used / slotsPerBlock)
    const block = this.#blocks[index] ?? this.#grow()
    const at = (this.#used % slotsPerBlock) * sealedPageBytes
    this.#used += 1
    return block.subarray(at, at + sealedPageBytes)
  }

  /** Everything that was taken is free again. */
  reset(): void {
    this.#used = 0
    this.#blocks.length = Math.min(this.#blocks.length, blocksKept)
  }

  #grow(): Buffer {
    const block = Buffer.allocUnsafeSlow(slotsPerBlock * sealedPageBytes)
    this.#blocks.push(block)
    return block
  }
}

/** The pages of one commit. */
export class PageWriter {
  readonly #sealer: Sealer
  readonly #slots: Slots
  #nextPage: number
  /** Sealed, in the order of their numbers. */
  readonly pages: { readonly page: number; readonly bytes: Buffer }[] = []
  /** What goes to the cache once the commit is durable. */
  readonly decoded: { readonly page: number; readonly content: CachedPage }[] = []

  constructor(sealer: Sealer, slots: Slots, nextPage: number) {
    this.#sealer = sealer
    this.#slots = slots
    this.#nextPage = nextPage
  }

  get nextPage(): number {
    return this.#nextPage
  }

  /** Seals what is fresh under a child; yields after each page, so that the caller can let others run. Returns its reference. */
  *seal(tree: TreeId, child: Child): Generator<undefined, PageRef> {
    if (child instanceof PageRef) return child
    if (child instanceof Inner) return yield* this.#inner(tree, child)
    return yield* this.#leaf(tree, child)
  }

  *#inner(tree: TreeId, inner: Inner): Generator<undefined, PageRef> {
    const children: PageRef[] = []
    for (const child of inner.children)
      children.push(child instanceof PageRef ? child : yield* this.seal(tree, child))
    const plain = Buffer.allocUnsafeSlow(plainPageBytes)
    const content = new Inner(inner.separators, children)
    encodeInner(content, plain)
    const ref = this.#page({ tree, kind: PageKind.Inner }, plain)
    this.decoded.push({ page: ref.page, content })
    yield
    return ref
  }

  *#leaf(tree: TreeId, leaf: Leaf): Generator<undefined, PageRef> {
    const values = leaf.values.slice()
    for (const [index, value] of values.entries())
      if (value instanceof FreshLarge) values[index] = yield* this.#large(tree, value)
    const plain = Buffer.allocUnsafeSlow(plainPageBytes)
    const { keys, bytes } = leaf
    const packed = encodeLeaf(new Leaf({ keys, values, bytes }, leaf.plain), plain)
    const ref = this.#page({ tree, kind: PageKind.Leaf }, plain)
    const content = new Leaf({ keys, values: packed, bytes }, plain)
    this.decoded.push({ page: ref.page, content })
    yield
    return ref
  }

  *#large(tree: TreeId, { bytes }: FreshLarge): Generator<undefined, StoredLarge> {
    const { depth, refs: count } = largeShape(bytes.length)
    const refs = yield* this.#extents(tree, { bytes, depth, count })
    return new StoredLarge(bytes.length, depth, refs)
  }

  *#extents(
    tree: TreeId,
    { bytes, depth, count }: { bytes: Uint8Array; depth: number; count: number },
  ): Generator<undefined, PageRef[]> {
    const step = bytesUnder(depth)
    const refs: PageRef[] = []
    for (let index = 0; index < count; index += 1) {
      const part = bytes.subarray(index * step, (index + 1) * step)
      if (depth === 0) refs.push(this.#extent(tree, part))
      else {
        const below = {
          bytes: part,
          depth: depth - 1,
          count: Math.ceil(part.length / bytesUnder(depth - 1)),
        }
        refs.push(this.#list(tree, yield* this.#extents(tree, below)))
      }
      yield
    }
    return refs
  }

  #extent(tree: TreeId, part: Uint8Array): PageRef {
    const plain = Buffer.allocUnsafeSlow(plainPageBytes)
    plain.set(part)
    plain.fill(0, part.length)
    return this.#page({ tree, kind: PageKind.Extent }, plain)
  }

  #list(tree: TreeId, refs: readonly PageRef[]): PageRef {
    const plain = Buffer.allocUnsafeSlow(plainPageBytes)
    encodeList(refs, plain)
    return this.#page({ tree, kind: PageKind.ExtentList }, plain)
  }

  #page({ tree, kind }: { tree: TreeId; kind: PageKind }, plain: Buffer): PageRef {
    const page = this.#nextPage
    this.#nextPage += 1
    const bytes = this.#slots.take()
    const tag = this.#sealer.sealPage({ tree, page, kind }, plain, bytes)
    this.pages.push({ page, bytes })
    return new PageRef(page, tag, this.#sealer.epoch)
  }
}
