/** Finds out what a store holds before anything is written to it. */
import { errors } from '#server/errors.ts'
import { Purpose, type Sealer } from '#server/seal/sealer.ts'
import { tagBytes } from '#server/seal/sizes.ts'
import type { Stored } from './commit.ts'
import type { Position } from './engine.types.ts'
import type { PageStore } from './page-store/page-store.ts'
import { decodeRoot, type RootRecord } from './root-record.ts'

interface Opening {
  readonly store: PageStore
  readonly sealer: Sealer
  readonly anchor?: Position | undefined
}

/** The stored state, or the empty one. Throws `DatabaseDamaged` and `DatabaseRolledBack`. */
export function openRoot({ store, sealer, anchor }: Opening): Stored {
  const sealed = store.readRoot()
  const stored: Stored = { root: sealed === undefined ? empty : unseal(sealer, sealed), sealed }
  if (anchor !== undefined && isBehind(stored, anchor))
    throw errors.DatabaseRolledBack(sealer.database, stored.root.commit, anchor.commit)
  return stored
}

/** Another process has committed since. */
export function isOutdated({ sealed }: Stored, store: PageStore): boolean {
  const now = store.readRoot()
  return now !== undefined && (sealed === undefined || !now.equals(sealed))
}

const empty: RootRecord = {
  commit: 0,
  nextPage: 1,
  pages: 0,
  etag: 0,
  logPosition: 0,
  owner: Buffer.alloc(0),
  trees: new Map(),
}

function unseal(sealer: Sealer, sealed: Buffer): RootRecord {
  const plain = sealer.openRecord(Purpose.Root, sealed)
  const root = plain === undefined ? undefined : decodeRoot(plain)
  if (root === undefined)
    throw errors.DatabaseDamaged(
      sealer.database,
      'its root record does not open: it was changed, or it was sealed under another key',
    )
  return root
}

/** Older than what was known, or as old but another state. */
function isBehind({ root, sealed }: Stored, anchor: Position): boolean {
  if (root.commit !== anchor.commit) return root.commit < anchor.commit
  return sealed?.subarray(-tagBytes).toString('base64') !== anchor.rootTag
}
