/** What an engine is opened with. */
import type { Sealer } from '#server/seal/sealer.ts'
import type { Clock } from '#shared/clock.ts'
import type { CodedError } from '#shared/errors.ts'
import type { PageCache } from './cache/page-cache.ts'
import type { Apply, Position, Reader } from './engine.types.ts'
import type { CachedPage } from './page-reader.ts'
import type { PageStore } from './page-store/page-store.ts'

export interface EngineOptions<WriteSet, Result> {
  /** The engine takes store and sealer over and closes them, also where opening fails. */
  readonly store: PageStore
  readonly sealer: Sealer
  readonly apply: Apply<WriteSet, Result>
  readonly clock: Clock
  /** What was last known of this database; without it nothing is compared. */
  readonly anchor?: Position | undefined
  /** Shared by the databases of a process; one of its own where left out. */
  readonly cache?: PageCache<CachedPage>
  /** The newest commit of the server store: each commit writes it down, see `recordStoreCommit`. */
  readonly storeCommit?: () => number
  /**
   * Looks at what is stored before anything is written, and throws where it must stay as it is. The number that it answers is
   * the least that the first commit may have.
   */
  readonly admit?: (state: Reader & Position) => number
  /** Told of the first damage that is met in this database; later ones are counted in the figures. */
  readonly damaged?: (error: CodedError) => void
}
