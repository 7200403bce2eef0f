/**
 * Pages that newer states no longer reach, kept in a tree of the engine's own until nobody can read them.
 *
 * Key: the commit that let go of them, and a running number; value: page numbers, eight bytes each. Being a tree, the list
 * survives a crash like everything else, and a backup that holds a snapshot for long may make it as long as it likes.
 */
import { reclaimedPagesMax } from '#server/limits.ts'
import { readUint64 as readPage, writeUint64 as writePage } from './btree/ref.ts'
import { type ByteString, readUint64, uint64 } from './bytes.ts'
import type { TreeId } from './engine.types.ts'
import type { Draft } from './view.ts'

/** The tree's number; those of callers begin at 1. */
export const freeTree: TreeId = 0
/** So that a value stays well inside its leaf. */
const pagesPerEntry = 240

/** A state that somebody reads: its commit, and the lowest page number that it cannot reach because it was given later. */
export interface ReadState {
  readonly commit: number
  readonly nextPage: number
}

/** The lowest key that the walk has not seen: what lies before it is held by readers. Begins anew when one of them has ended. */
export type FreeWalk = ByteString
export const wholeList: FreeWalk = ''

export interface Reclaiming {
  /** The last durable commit. */
  readonly last: number
  /** Older states that are still read. */
  readonly readers: readonly ReadState[]
  readonly walk: FreeWalk
}

export interface Reclaimed {
  readonly pages: number[]
  readonly walk: FreeWalk
  /** More could have been taken. */
  readonly isCut: boolean
}

/**
 * Takes pages off the list that nobody reaches: neither the last durable state nor a reader's. A reader holds only what was there when
 * it began: pages that were written and left after that are used again while it lives.
 *
 * Bounded: a few thousand, or twice as many as the draft lets go of, so that the list never grows with the work.
 */
export function reclaim(draft: Draft, { last, readers, walk }: Reclaiming): Reclaimed {
  const pages: number[] = []
  const most = Math.max(reclaimedPagesMax, 2 * draft.freed.length)
  let next = walk
  for (const { key, value } of draft.range(freeTree, { from: walk })) {
    const commit = readUint64(key)
    if (commit > last) break
    if (pages.length >= most) return { pages, walk: next, isCut: true }
    const from = Math.max(
      0,
      ...readers.filter((one) => one.commit < commit).map((one) => one.nextPage),
    )
    const held = takeFrom(value, from, pages)
    if (held.length === 0) draft.delete(freeTree, key)
    else if (held.length < value.length) draft.put(freeTree, key, held)
    next = `${key}\0`
  }
  return { pages, walk: next, isCut: false }
}

/** Adds the pages of an entry from that number on to `taken`, and returns the rest as an entry. */
function takeFrom(value: Buffer, from: number, taken: number[]): Buffer {
  const held: Buffer[] = []
  for (let at = 0; at < value.length; at += 8) {
    const page = readPage(value, at)
    if (page >= from) taken.push(page)
    else held.push(value.subarray(at, at + 8))
  }
  return Buffer.concat(held)
}

/** Puts everything that the draft let go of on the list. Writing the list lets go of pages as well; the loop takes them in. */
export function recordFreed(draft: Draft, commit: number): void {
  let recorded = 0
  for (let number = 0; recorded < draft.freed.length; number += 1) {
    const pages = draft.freed.slice(recorded, recorded + pagesPerEntry)
    const value = Buffer.alloc(pages.length * 8)
    for (const [index, page] of pages.entries()) writePage(value, page, index * 8)
    draft.put(freeTree, uint64(commit) + uint64(number), value)
    recorded += pages.length
  }
}
