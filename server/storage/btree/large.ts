/** Values that do not fit into a leaf: cut into extents, whose references the leaf keeps, itself or through lists of them. */
import { plainPageBytes } from '#server/limits.ts'
import { type PageRef, refBytes } from './ref.ts'

const extentRefsMax = 8
const listRefsMax = Math.floor((plainPageBytes - 2) / refBytes)

/** A large value that has no pages yet. */
export class FreshLarge {
  readonly bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }
}

/** A large value in pages of its own: references to extents (depth 0), or to lists of references, `depth` times. */
export class StoredLarge {
  readonly length: number
  readonly depth: number
  readonly refs: readonly PageRef[]

  constructor(length: number, depth: number, refs: readonly PageRef[]) {
    this.length = length
    this.depth = depth
    this.refs = refs
  }
}

/** How many references a leaf keeps for a large value, and how many lists lie between them and its extents. */
export function largeShape(length: number): { readonly depth: number; readonly refs: number } {
  let refs = Math.ceil(length / plainPageBytes)
  let depth = 0
  for (; refs > extentRefsMax; depth += 1) refs = Math.ceil(refs / listRefsMax)
  return { depth, refs }
}

/** Bytes of a large value under one reference at `depth`. */
export function bytesUnder(depth: number): number {
  return plainPageBytes * listRefsMax ** depth
}
