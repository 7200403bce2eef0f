/** A store that is not as our last commit left it: what happened to it, and that it is written to no more. */
import { errors } from '#server/errors.ts'
import type { Sealer } from '#server/seal/sealer.ts'
import { CodedError } from '#shared/errors.ts'
import { strangeRoot } from './open-root.ts'
import type { PageStore } from './page-store/page-store.ts'

const losses: ReadonlySet<string> = new Set([
  ...['DataDirectoryTaken', 'DataFileGone', 'DataFileChanged', 'DatabaseDamaged'],
])

/** True for the errors by which a page store says that it may not be ours any more. */
export function isLoss(error: unknown): error is CodedError {
  return error instanceof CodedError && losses.has(error.code)
}

export interface LastCommit {
  readonly store: PageStore
  readonly sealer: Sealer
  /** The id that we wrote. */
  readonly owner: Buffer
  /** The root record that we wrote. */
  readonly sealed: Buffer | undefined
}

/** Why nothing more can be written; nothing where all is as our last commit left it. */
export function lossOf({ store, sealer, owner, sealed }: LastCommit): CodedError | undefined {
  try {
    const found = store.readRoot()
    if (sealed === undefined || !found?.equals(sealed)) return strangeRoot(sealer, { found, owner })
    return store.isChanged() ? errors.DataFileChanged(sealer.database) : undefined
  } catch (error) {
    if (error instanceof CodedError) return error
    throw error
  }
}
