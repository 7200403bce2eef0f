/** Finds out what a store holds before anything is written to it. */
import { errors } from '#server/errors.ts'
import { Purpose, type Sealer } from '#server/seal/sealer.ts'
import { tagBytes } from '#server/seal/sizes.ts'
import type { CodedError } from '#shared/errors.ts'
import type { Stored } from './commit.ts'
import type { Position } from './engine.types.ts'
import type { PageStore } from './page-store/page-store.ts'
import { decodeRoot, type RootRecord } from './root-record.ts'

interface Opening {
  readonly store: PageStore
  readonly sealer: Sealer
  readonly anchor?: Position | undefined
}

/** Opens a sealed root record. Throws `DatabaseDamaged`. */
export function unsealRoot(sealer: Sealer, sealed: Buffer): RootRecord {
  const root = unsealed(sealer, sealed)
  if (root === undefined)
    throw errors.DatabaseDamaged(
      sealer.database,
      'its root record does not open: it was changed, or it was sealed under another key',
    )
  return root
}

/**
 * Why a store that was ours holds another root record than the one we wrote: another process owns it, or it was damaged, or an earlier
 * record of ours was put back.
 */
export function strangeRoot(
  sealer: Sealer,
  { found, owner }: { readonly found: Buffer | undefined; readonly owner: Buffer },
): CodedError {
  const { database } = sealer
  const root = found === undefined ? undefined : unsealed(sealer, found)
  if (root === undefined)
    return errors.DatabaseDamaged(
      database,
      'its root record was changed or removed while it was open',
    )
  return root.owner.equals(owner)
    ? errors.DatabaseDamaged(database, 'an older root record was put back while it was open')
    : errors.DataDirectoryTaken(database)
}

/** The stored state, or the empty one. Throws `DatabaseDamaged` and `DatabaseRolledBack`. */
export function openRoot({ store, sealer, anchor }: Opening): Stored {
  const sealed = store.readRoot()
  const stored: Stored = { root: sealed === undefined ? empty : unsealRoot(sealer, sealed), sealed }
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
  storeCommit: 0,
  owner: Buffer.alloc(0),
  trees: new Map(),
}

function unsealed(sealer: Sealer, sealed: Buffer): RootRecord | undefined {
  const plain = sealer.openRecord(Purpose.Root, sealed)
  return plain === undefined ? undefined : decodeRoot(plain)
}

/** Older than what was known, or as old but another state. */
function isBehind({ root, sealed }: Stored, anchor: Position): boolean {
  if (root.commit !== anchor.commit) return root.commit < anchor.commit
  return sealed?.subarray(-tagBytes).toString('base64') !== anchor.rootTag
}
