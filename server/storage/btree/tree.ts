/** Reading a tree: one key, or a range in either direction. */
import type { ByteString } from '../bytes.ts'
import type { Entry, Range, TreeId } from '../engine.types.ts'
import { type Child, childAt, childIndex, Inner, type Node } from './inner.ts'
import { FreshLarge, type StoredLarge } from './large.ts'
import { type Leaf, lowerBound } from './leaf.ts'
import { PageRef } from './ref.ts'

/** A tree at one moment; no root = no entries. */
export interface TreeRoot {
  readonly child: Child
  /** Levels of inner nodes above the leaves. */
  readonly height: number
  /** Entries. */
  readonly count: number
}

/** Where nodes come from. */
export interface Pages {
  /** The node at `level` (0 = leaf). Throws `DatabaseDamaged`. */
  load(tree: TreeId, ref: PageRef, level: number): Node
  /** A large value, whole. Throws `DatabaseDamaged`. */
  large(tree: TreeId, value: StoredLarge): Buffer
}

/** One tree to read from. */
export interface TreeView {
  readonly pages: Pages
  readonly tree: TreeId
  readonly root: TreeRoot | undefined
}

/** The node behind a child. */
export function nodeOf({ pages, tree }: Omit<TreeView, 'root'>, child: Child, level: number): Node {
  return child instanceof PageRef ? pages.load(tree, child, level) : child
}

/** The value under a key. */
export function get(view: TreeView, key: ByteString): Buffer | undefined {
  const found = find(view, key)
  return found === undefined ? undefined : valueAt(view, found.leaf, found.index)
}

/** The leaf and the position of a key. */
export function find(
  view: TreeView,
  key: ByteString,
): { readonly leaf: Leaf; readonly index: number } | undefined {
  if (view.root === undefined) return undefined
  let node = nodeOf(view, view.root.child, view.root.height)
  for (let level = view.root.height; node instanceof Inner; ) {
    level -= 1
    node = nodeOf(view, childAt(node, childIndex(node, key)), level)
  }
  const index = lowerBound(node.keys, key)
  return node.keys[index] === key ? { leaf: node, index } : undefined
}

/** The value at a position of a leaf. */
export function valueAt(view: Omit<TreeView, 'root'>, leaf: Leaf, index: number): Buffer {
  const value = leaf.values[index]
  if (typeof value === 'number') {
    const start = value >>> 13
    return (leaf.plain as Buffer).subarray(start, start + (value & 0x1fff))
  }
  if (value instanceof Uint8Array) return bufferOf(value)
  return value instanceof FreshLarge
    ? bufferOf(value.bytes)
    : view.pages.large(view.tree, value as StoredLarge)
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Inner nodes above the current leaf, each with the child that was taken. */
type Path = { readonly node: Inner; index: number }[]

/** The entries of a range in key order, or in the opposite one. */
export function* entries(view: TreeView, range: Range = {}): IterableIterator<Entry> {
  if (view.root === undefined) return
  const { from, to, reverse = false } = range
  const path: Path = []
  const step = reverse ? -1 : 1
  const key = reverse ? to : from
  const top = { child: view.root.child, level: view.root.height, key, last: reverse }
  let leaf: Leaf | undefined = descend(view, path, top)
  while (leaf !== undefined) {
    const span = spanOf(leaf, range)
    const { start, end } = span
    const first = reverse ? end - 1 : start
    for (let i = 0; i < end - start; i += 1) {
      const index = first + i * step
      yield { key: leaf.keys[index] as ByteString, value: valueAt(view, leaf, index) }
    }
    leaf = endsHere(leaf, span, reverse) ? undefined : neighbour(view, path, reverse)
  }
}

/** True where a range ends inside this leaf, in its own direction. */
function endsHere({ keys }: Leaf, { start, end }: Span, reverse: boolean): boolean {
  return reverse ? start > 0 : end < keys.length
}

interface Span {
  readonly start: number
  readonly end: number
}

/** The positions of a leaf that lie in a range. */
function spanOf({ keys }: Leaf, { from, to }: Range): Span {
  return {
    start: from === undefined ? 0 : lowerBound(keys, from),
    end: to === undefined ? keys.length : lowerBound(keys, to),
  }
}

/** Walks down to the leaf that holds `key`, or to the first or last one where there is no key. */
function descend(
  view: TreeView,
  path: Path,
  start: { child: Child; level: number; key: ByteString | undefined; last: boolean },
): Leaf {
  let level = start.level
  let node = nodeOf(view, start.child, level)
  while (node instanceof Inner) {
    const end = start.last ? node.children.length - 1 : 0
    const index = start.key === undefined ? end : childIndex(node, start.key)
    path.push({ node, index })
    level -= 1
    node = nodeOf(view, childAt(node, index), level)
  }
  return node
}

function neighbour(view: TreeView, path: Path, reverse: boolean): Leaf | undefined {
  const height = view.root?.height ?? 0
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    top.index += reverse ? -1 : 1
    if (top.index >= 0 && top.index < top.node.children.length) {
      const child = childAt(top.node, top.index)
      return descend(view, path, {
        child,
        level: height - path.length,
        key: undefined,
        last: reverse,
      })
    }
    path.pop()
  }
  return undefined
}
