/**
 * Changing a tree: each change returns a new root and leaves the old one as it was.
 *
 * Leaves and inner nodes split by bytes. A node that grows at its end keeps what it has and starts a new one, so that ascending
 * keys fill pages whole. A node that shrinks below a quarter is joined with a neighbour; an empty one is removed.
 */
import assert from 'node:assert/strict'
import { plainPageBytes, treeKeyBytesMax, valueBytesMax } from '#server/limits.ts'
import type { ByteString } from '../bytes.ts'
import type { TreeId } from '../engine.types.ts'
import { type Child, childAt, childIndex, Inner, innerBytes, type Node } from './inner.ts'
import { StoredLarge } from './large.ts'
import {
  type Edit,
  emptyLeafBytes,
  entryBytes,
  Leaf,
  type LeafValue,
  leafValue,
  lowerBound,
} from './leaf.ts'
import { PageRef } from './ref.ts'
import { find, nodeOf, type Pages, type TreeRoot } from './tree.ts'

/** A change in progress. */
export interface Editing {
  readonly pages: Pages
  readonly tree: TreeId
  readonly edit: Edit
  /** Told of each sealed page that the new root no longer reaches. */
  free(page: number): void
  /** The same for all pages of a large value. */
  freeLarge(value: StoredLarge): void
}

interface Grown {
  readonly node: Node
  readonly added: boolean
  readonly split?: { readonly separator: ByteString; readonly right: Node }
}

const joinBelowBytes = plainPageBytes / 4
const joinedBytesMax = (plainPageBytes * 3) / 4

/** The tree with `value` under `key`. The bytes are not copied: they must stay as they are until the change is durable. */
export function put(
  at: Editing,
  root: TreeRoot | undefined,
  entry: { readonly key: ByteString; readonly value: Uint8Array },
): TreeRoot {
  assert(entry.key.length <= treeKeyBytesMax, `a key has at most ${treeKeyBytesMax} bytes`)
  assert(entry.value.length <= valueBytesMax, `a value has at most ${valueBytesMax} bytes`)
  const { key } = entry
  const value = leafValue(key, entry.value)
  if (root === undefined)
    return { child: leafOf(at, { keys: [key], values: [value] }), height: 0, count: 1 }
  const { node, added, split } = insert(at, root, { key, value })
  const count = root.count + (added ? 1 : 0)
  if (split === undefined) return { child: node, height: root.height, count }
  const child = new Inner([split.separator], [node, split.right], at.edit)
  return { child, height: root.height + 1, count }
}

type Position = Pick<TreeRoot, 'child' | 'height'>

function insert(
  at: Editing,
  { child, height }: Position,
  entry: { key: ByteString; value: LeafValue },
): Grown {
  const node = editable(at, child, height)
  if (node instanceof Leaf) return insertIntoLeaf(at, node, entry)
  const index = childIndex(node, entry.key)
  const grown = insert(at, { child: childAt(node, index), height: height - 1 }, entry)
  node.children[index] = grown.node
  if (grown.split === undefined) return { node, added: grown.added }
  node.separators.splice(index, 0, grown.split.separator)
  node.children.splice(index + 1, 0, grown.split.right)
  node.bytes = innerBytes(node.separators, node.children.length)
  if (node.bytes <= plainPageBytes) return { node, added: grown.added }
  return { ...splitInner(at, node, index + 2 === node.children.length), added: grown.added }
}

function insertIntoLeaf(
  at: Editing,
  leaf: Leaf,
  { key, value }: { key: ByteString; value: LeafValue },
): Grown {
  const index = lowerBound(leaf.keys, key)
  const added = leaf.keys[index] !== key
  if (added) {
    leaf.keys.splice(index, 0, key)
    leaf.values.splice(index, 0, value)
  } else {
    leaf.bytes -= entryBytes(key, leaf.values[index] as LeafValue)
    dropLarge(at, leaf.values[index])
    leaf.values[index] = value
  }
  leaf.bytes += entryBytes(key, value)
  if (leaf.bytes <= plainPageBytes) return { node: leaf, added }
  return { ...splitLeaf(at, leaf, index + 1 === leaf.keys.length), added }
}

function splitLeaf(at: Editing, leaf: Leaf, atEnd: boolean): Omit<Grown, 'added'> {
  const { keys, values, plain } = leaf
  const middle = atEnd ? keys.length - 1 : leafMiddle(leaf)
  const left = leafOf(at, { keys: keys.slice(0, middle), values: values.slice(0, middle) }, plain)
  const right = leafOf(at, { keys: keys.slice(middle), values: values.slice(middle) }, plain)
  const separator = shortestBetween(keys[middle - 1] as ByteString, keys[middle] as ByteString)
  return { node: left, split: { separator, right } }
}

/** Where to cut so that the larger half is as small as can be; both fit, since an entry takes less than half a page. */
function leafMiddle({ keys, values, bytes }: Leaf): number {
  let left = 0
  let middle = 0
  for (; middle < keys.length - 1; middle += 1) {
    const next = entryBytes(keys[middle] as ByteString, values[middle] as LeafValue)
    if (middle > 0 && left + next / 2 > bytes / 2) break
    left += next
  }
  return middle
}

/** The shortest string above `low` and not above `high`. */
function shortestBetween(low: ByteString, high: ByteString): ByteString {
  let same = 0
  while (same < low.length && low[same] === high[same]) same += 1
  return high.slice(0, same + 1)
}

function splitInner(at: Editing, node: Inner, atEnd: boolean): Omit<Grown, 'added'> {
  const { separators, children } = node
  const middle = atEnd ? children.length - 2 : innerMiddle(node)
  const left = new Inner(separators.slice(0, middle - 1), children.slice(0, middle), at.edit)
  const right = new Inner(separators.slice(middle), children.slice(middle), at.edit)
  return { node: left, split: { separator: separators[middle - 1] as ByteString, right } }
}

function innerMiddle({ separators, children, bytes }: Inner): number {
  let middle = 1
  while (
    middle < children.length - 2 &&
    innerBytes(separators.slice(0, middle), middle + 1) <= bytes / 2
  )
    middle += 1
  return middle
}

/** The tree without `key`; the same root where it is not there. */
export function remove(
  at: Editing,
  root: TreeRoot | undefined,
  key: ByteString,
): TreeRoot | undefined {
  if (root === undefined || find({ ...at, root }, key) === undefined) return root
  const node = removeFrom(at, root, key)
  if (node === undefined) return undefined
  return lowered(at, { child: node, height: root.height, count: root.count - 1 })
}

function removeFrom(at: Editing, { child, height }: Position, key: ByteString): Node | undefined {
  const node = editable(at, child, height)
  if (node instanceof Leaf) return removeFromLeaf(at, node, key)
  const index = childIndex(node, key)
  const shrunk = removeFrom(at, { child: childAt(node, index), height: height - 1 }, key)
  if (shrunk === undefined) {
    node.children.splice(index, 1)
    node.separators.splice(Math.max(0, index - 1), 1)
    if (node.children.length === 0) return undefined
  } else {
    node.children[index] = shrunk
    if (shrunk.bytes < joinBelowBytes) joinWithNeighbour(at, { parent: node, index, height })
  }
  node.bytes = innerBytes(node.separators, node.children.length)
  return node
}

function removeFromLeaf(at: Editing, leaf: Leaf, key: ByteString): Leaf | undefined {
  const index = lowerBound(leaf.keys, key)
  const value = leaf.values[index] as LeafValue
  dropLarge(at, value)
  leaf.bytes -= entryBytes(key, value)
  leaf.keys.splice(index, 1)
  leaf.values.splice(index, 1)
  return leaf.keys.length === 0 ? undefined : leaf
}

function joinWithNeighbour(
  at: Editing,
  { parent, index, height }: { parent: Inner; index: number; height: number },
): void {
  for (const left of [index, index - 1]) {
    if (left < 0 || left + 1 >= parent.children.length) continue
    const pair = [left, left + 1].map((i) => nodeOf(at, childAt(parent, i), height - 1))
    const joined = join(at, pair as [Node, Node], parent.separators[left] as ByteString)
    if (joined === undefined) continue
    letGo(at, childAt(parent, left))
    letGo(at, childAt(parent, left + 1))
    parent.children.splice(left, 2, joined)
    parent.separators.splice(left, 1)
    return
  }
}

/** Two neighbours as one node, where that is not too full. */
function join(at: Editing, [left, right]: [Node, Node], separator: ByteString): Node | undefined {
  if (left.bytes + right.bytes + separator.length > joinedBytesMax) return undefined
  if (left instanceof Leaf && right instanceof Leaf) {
    const values = [...unpacked(left), ...unpacked(right)]
    return leafOf(at, { keys: [...left.keys, ...right.keys], values })
  }
  assert(left instanceof Inner && right instanceof Inner, 'neighbours are on one level')
  const separators = [...left.separators, separator, ...right.separators]
  return new Inner(separators, [...left.children, ...right.children], at.edit)
}

/** Values that stand on their own, without the page they were packed in. */
function unpacked({ values, plain }: Leaf): LeafValue[] {
  return values.map((value) => {
    if (typeof value !== 'number') return value
    const start = value >>> 13
    return (plain as Buffer).subarray(start, start + (value & 0x1fff))
  })
}

/** Takes off inner nodes at the top that have only one child. */
function lowered(at: Editing, root: TreeRoot): TreeRoot {
  let { child, height } = root
  for (;;) {
    const node = height === 0 ? undefined : nodeOf(at, child, height)
    if (!(node instanceof Inner) || node.children.length > 1) return { ...root, child, height }
    letGo(at, child)
    child = childAt(node, 0)
    height -= 1
  }
}

/** The node itself if it belongs to this edit, else a copy that does; the page of the original is freed. */
function editable(at: Editing, child: Child, height: number): Node {
  const node = nodeOf(at, child, height)
  if (node.edit === at.edit) return node
  letGo(at, child)
  return node.copy(at.edit)
}

/** Frees the page of a child, where it has one. */
function letGo(at: Editing, child: Child): void {
  if (child instanceof PageRef) at.free(child.page)
}

function dropLarge(at: Editing, value: LeafValue | undefined): void {
  if (value instanceof StoredLarge) at.freeLarge(value)
}

function leafOf(
  at: Editing,
  { keys, values }: { keys: ByteString[]; values: LeafValue[] },
  plain?: Buffer,
): Leaf {
  let bytes = emptyLeafBytes
  for (const [index, key] of keys.entries()) bytes += entryBytes(key, values[index] as LeafValue)
  return new Leaf({ keys, values, bytes }, plain, at.edit)
}
