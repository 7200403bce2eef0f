/** Makes a draft durable: its fresh nodes sealed, its root record written with them, in one transaction of the page store. */
import { setImmediate as turn } from 'node:timers/promises'
import { sealSlicePages } from '#server/limits.ts'
import { Purpose, type Sealer } from '#server/seal/sealer.ts'
import { PageRef } from './btree/ref.ts'
import type { TreeRoot } from './btree/tree.ts'
import type { TreeId } from './engine.types.ts'
import { type FreeWalk, type ReadState, reclaim, recordFreed } from './free-list.ts'
import type { PageStore } from './page-store/page-store.ts'
import { PageWriter, type Slots } from './page-writer.ts'
import { encodeRoot, type RootRecord } from './root-record.ts'
import type { Draft } from './view.ts'

/** What is stored: the root record, and its sealed bytes (nothing before the first commit). */
export interface Stored {
  readonly root: RootRecord
  readonly sealed: Buffer | undefined
}

export interface Commit {
  readonly store: PageStore
  readonly sealer: Sealer
  readonly slots: Slots
  /** What the draft began from. */
  readonly before: Stored
  readonly draft: Draft
  readonly owner: Buffer
  /** The newest commit of the server store that is known. */
  readonly storeCommit: number
  /** The number of this commit at least: one more than the last, unless more is asked for. */
  readonly numberMin: number
  /** States that somebody may still read, besides the last one. */
  readonly readers: readonly ReadState[]
  /** Where the walk over the free list begins, see `reclaim`. */
  readonly free: FreeWalk
}

export interface Committed {
  readonly stored: Stored & { readonly sealed: Buffer }
  readonly decoded: PageWriter['decoded']
  readonly sealedPages: number
  /** Pages that are no longer in the store. */
  readonly reclaimed: readonly number[]
  /** Where the next commit's walk over the free list begins. */
  readonly free: FreeWalk
  /** There is more on the free list that nobody reads: too much for one commit. */
  readonly leftFree: boolean
}

/** Rejects as `PageStore.commit` does; nothing of the draft is stored then. */
export async function commit(parts: Commit): Promise<Committed> {
  const { store, sealer, slots, before, draft, owner } = parts
  const number = Math.max(before.root.commit + 1, parts.numberMin)
  const free = reclaim(draft, {
    last: before.root.commit,
    readers: parts.readers,
    walk: parts.free,
  })
  const reclaimed = free.pages
  recordFreed(draft, number)
  const writer = new PageWriter(sealer, slots, before.root.nextPage)
  const trees = await sealTrees(writer, draft.trees)
  const root: RootRecord = {
    commit: number,
    nextPage: writer.nextPage,
    pages: before.root.pages + writer.pages.length - reclaimed.length,
    etag: draft.lastEtag,
    logPosition: 0,
    storeCommit: Math.max(before.root.storeCommit, parts.storeCommit),
    owner,
    trees,
  }
  const sealed = sealer.sealRecord(Purpose.Root, encodeRoot(root))
  await store.commit({
    pages: writer.pages,
    freed: reclaimed,
    root: sealed,
    expectedRoot: before.sealed,
  })
  return {
    stored: { root, sealed },
    decoded: writer.decoded,
    sealedPages: writer.pages.length,
    reclaimed,
    free: free.walk,
    leftFree: free.isCut,
  }
}

async function sealTrees(
  writer: PageWriter,
  drafts: ReadonlyMap<TreeId, TreeRoot>,
): Promise<Map<TreeId, TreeRoot>> {
  const trees = new Map<TreeId, TreeRoot>()
  let sealed = 0
  for (const [id, root] of drafts) {
    const sealing = writer.seal(id, root.child)
    let step = sealing.next()
    for (; !step.done; step = sealing.next()) {
      sealed += 1
      if (sealed % sealSlicePages === 0) await turn()
    }
    trees.set(id, root.child instanceof PageRef ? root : { ...root, child: step.value })
  }
  return trees
}
