/**
 * Pages that newer states no longer reach, kept in a tree of the engine's own until nobody can read them.
 *
 * Key: the commit that let go of them, and a running number; value: page numbers, eight bytes each. Being a tree, the list
 * survives a crash like everything else, and a backup that holds a snapshot for long may make it as long as it likes.
 */
import { reclaimedPagesMax } from '#server/limits.ts'
import { readUint64 as readPage, writeUint64 as writePage } from './btree/ref.ts'
import { readUint64, uint64 } from './bytes.ts'
import type { TreeId } from './engine.types.ts'
import type { Draft } from './view.ts'

/** The tree's number; those of callers begin at 1. */
export const freeTree: TreeId = 0
/** So that a value stays well inside its leaf. */
const pagesPerEntry = 240

/** Takes pages off the list that no state from commit `oldest` on reaches: at most a few thousand, the rest at the next commit. */
export function reclaim(draft: Draft, oldest: number): number[] {
  const pages: number[] = []
  for (const { key, value } of draft.range(freeTree)) {
    if (readUint64(key) > oldest || pages.length >= reclaimedPagesMax) break
    for (let at = 0; at < value.length; at += 8) pages.push(readPage(value, at))
    draft.delete(freeTree, key)
  }
  return pages
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
