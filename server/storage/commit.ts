/** Makes a draft durable: its fresh nodes sealed, its root record written with them, in one transaction of the page store. */
import { setImmediate as turn } from 'node:timers/promises'
import { sealSlicePages } from '#server/limits.ts'
import { Purpose, type Sealer } from '#server/seal/sealer.ts'
import { PageRef } from './btree/ref.ts'
import type { TreeRoot } from './btree/tree.ts'
import type { TreeId } from './engine.types.ts'
import { reclaim, recordFreed } from './free-list.ts'
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
  /** The oldest commit that somebody may still read. */
  readonly oldest: number
}

export interface Committed {
  readonly stored: Stored & { readonly sealed: Buffer }
  readonly decoded: PageWriter['decoded']
  readonly sealedPages: number
  /** Pages that are no longer in the store. */
  readonly reclaimed: readonly number[]
}

/** Rejects as `PageStore.commit` does; nothing of the draft is stored then. */
export async function commit(parts: Commit): Promise<Committed> {
  const { store, sealer, slots, before, draft, owner, oldest } = parts
  const number = before.root.commit + 1
  const reclaimed = reclaim(draft, oldest)
  recordFreed(draft, number)
  const writer = new PageWriter(sealer, slots, before.root.nextPage)
  const trees = await sealTrees(writer, draft.trees)
  const root: RootRecord = {
    commit: number,
    nextPage: writer.nextPage,
    pages: before.root.pages + writer.pages.length - reclaimed.length,
    etag: draft.lastEtag,
    logPosition: 0,
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
