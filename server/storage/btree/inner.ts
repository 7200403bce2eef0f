/**
 * Nodes of the tree in memory, and the references between them.
 *
 * A node that came from a page is never changed. A change copies the nodes on its path and marks the copies with its *edit*; a node
 * that carries the current edit may be changed in place, any other is copied first. So whoever keeps a root keeps that whole state:
 * a savepoint is a set of roots, rolling back is putting them back, and a snapshot is an old set.
 */
import type { ByteString } from '../bytes.ts'
import type { Edit, Leaf } from './leaf.ts'
import { type PageRef, refBytes } from './ref.ts'

const innerHeadBytes = 2
const separatorHeadBytes = 2

export type Node = Leaf | Inner
export type Child = PageRef | Node

/** An inner node: child `i` holds the keys from `separators[i - 1]` up to, not including, `separators[i]`. */
export class Inner {
  readonly separators: ByteString[]
  readonly children: Child[]
  readonly edit: Edit | undefined
  /** Encoded size. */
  bytes: number

  constructor(separators: ByteString[], children: Child[], edit?: Edit) {
    this.separators = separators
    this.children = children
    this.edit = edit
    this.bytes = innerBytes(separators, children.length)
  }

  copy(edit: Edit): Inner {
    return new Inner(this.separators.slice(), this.children.slice(), edit)
  }
}

/** Size of an inner node once encoded. */
export function innerBytes(separators: readonly ByteString[], children: number): number {
  let bytes = innerHeadBytes + children * refBytes
  for (const separator of separators) bytes += separatorHeadBytes + separator.length
  return bytes
}

/** Position of the child that holds `key`. */
export function childIndex({ separators }: Inner, key: ByteString): number {
  let low = 0
  let high = separators.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((separators[middle] as ByteString) <= key) low = middle + 1
    else high = middle
  }
  return low
}

/** The child at a position that is known to exist. */
export function childAt({ children }: Inner, index: number): Child {
  return children[index] as Child
}
