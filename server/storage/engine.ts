/**
 * The engine: sealed trees over a page store. One writer; everybody who waits shares a commit; readers see what is durable.
 *
 * A commit writes all fresh pages and the root record in one transaction of the page store. State in memory moves on only after
 * that, so a commit that fails leaves everything as it was, and the next one may succeed.
 */
import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { errors } from '#server/errors.ts'
import {
  applySliceSteps,
  commitFreshBytesMax,
  commitWriteSetsMax,
  ownershipAttemptsMax,
  pageCacheBytesDefault,
} from '#server/limits.ts'
import type { Sealer } from '#server/seal/sealer.ts'
import { tagBytes } from '#server/seal/sizes.ts'
import { randomBytes } from '#server/seal/sodium.ts'
import type { Clock } from '#shared/clock.ts'
import { hasCode } from '#shared/errors.ts'
import { PageCache, type Partition } from './cache/page-cache.ts'
import { commit, type Stored } from './commit.ts'
import { endsWriting, failureOf } from './commit-failure.ts'
import type { Apply, Engine, EngineFigures, Position, Reader } from './engine.types.ts'
import { isOutdated, openRoot } from './open-root.ts'
import { type CachedPage, PageReader } from './page-reader.ts'
import type { PageStore } from './page-store/page-store.ts'
import { Slots } from './page-writer.ts'
import { ownerBytes } from './root-record.ts'
import { Draft, StateReader } from './view.ts'

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
}

/**
 * Opens a database and becomes its owner; an empty store becomes an empty database. Rejects with `DatabaseDamaged` (also for a
 * wrong key), `DatabaseRolledBack`, `DataDirectoryTaken`, `DiskFull`. Where it rejects, nothing was written.
 */
export async function openEngine<W, R>(options: EngineOptions<W, R>): Promise<Engine<W, R>> {
  try {
    return await takenEngine(options)
  } catch (error) {
    options.sealer.close()
    await options.store.close()
    throw error
  }
}

/**
 * The owner of until now may commit between our look at the root and our own commit: then that is the state to take over. It may
 * also have freed pages that we were about to read, which then seem to be missing.
 */
async function takenEngine<W, R>(options: EngineOptions<W, R>): Promise<TreeEngine<W, R>> {
  for (let attempt = 1; ; attempt++) {
    const stored = openRoot(options)
    const engine = new TreeEngine(options, stored)
    try {
      await engine.takeOwnership()
      return engine
    } catch (error) {
      engine.forget()
      const isOvertaken =
        hasCode(error, 'DataDirectoryTaken') ||
        (hasCode(error, 'DatabaseDamaged') && isOutdated(stored, options.store))
      if (!isOvertaken || attempt === ownershipAttemptsMax) throw error
    }
  }
}

interface Submission<W, R> {
  readonly writeSet: W
  readonly resolve: (result: R) => void
  readonly reject: (error: unknown) => void
}

/** Tells a submitter how it went, once that is certain. */
type Settle = (failure: unknown) => void

class TreeEngine<W, R> implements Engine<W, R> {
  readonly #store: PageStore
  readonly #sealer: Sealer
  readonly #apply: Apply<W, R>
  readonly #clock: Clock
  readonly #cache: Partition<CachedPage>
  readonly #pages: PageReader
  readonly #slots = new Slots()
  readonly #owner = randomBytes(ownerBytes)
  readonly #snapshots = new Map<number, number>()
  #queue: Submission<W, R>[] = []
  #stored: Stored
  #running: Promise<void> | undefined
  /** Why nothing can be written any more. */
  #ended: Error | undefined
  #closing: Promise<void> | undefined
  #sealedPages = 0
  #lastCommitMs = 0

  constructor(options: EngineOptions<W, R>, stored: Stored) {
    this.#store = options.store
    this.#sealer = options.sealer
    this.#apply = options.apply
    this.#clock = options.clock
    this.#stored = stored
    this.#cache = (options.cache ?? new PageCache(pageCacheBytesDefault)).partition()
    this.#pages = new PageReader({ store: this.#store, sealer: this.#sealer, cache: this.#cache })
  }

  /** Writes our owner id; whoever had the folder before notices at its next commit. */
  async takeOwnership(): Promise<void> {
    await this.#commit(new Draft(this.#pages, this.#stored.root))
  }

  /** Drops what it holds in memory, where it did not become the owner; store and sealer stay open. */
  forget(): void {
    this.#cache.clear()
  }

  read<T>(work: (reader: Reader) => T): T {
    this.#assertOpen()
    const reader = new StateReader(this.#pages, this.#stored.root)
    try {
      const result = work(reader)
      assert(!(result instanceof Promise), 'the work of read() is synchronous')
      return result
    } finally {
      reader.end()
    }
  }

  snapshot(): Reader & Disposable {
    this.#assertOpen()
    const { root } = this.#stored
    const reader = new StateReader(this.#pages, root)
    this.#snapshots.set(root.commit, (this.#snapshots.get(root.commit) ?? 0) + 1)
    let released = false
    return Object.assign(reader, {
      [Symbol.dispose]: () => {
        if (released) return
        released = true
        reader.end()
        const others = (this.#snapshots.get(root.commit) ?? 1) - 1
        if (others === 0) this.#snapshots.delete(root.commit)
        else this.#snapshots.set(root.commit, others)
      },
    })
  }

  submit(writeSet: W): Promise<R> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended)
    return new Promise((resolve, reject) => {
      this.#queue.push({ writeSet, resolve, reject })
      this.#running ??= this.#run()
    })
  }

  verifyOwner(): void {
    if (this.#ended !== undefined) throw this.#ended
    if (this.#running !== undefined) return
    const { sealed } = this.#stored
    const found = this.#store.readRoot()
    if (sealed !== undefined && found?.equals(sealed)) return
    this.#ended = errors.DataDirectoryTaken(this.#sealer.database)
    throw this.#ended
  }

  async abandon(reason: Error): Promise<void> {
    this.#ended ??= reason
    for (const { reject } of this.#queue.splice(0)) reject(reason)
    await this.#running
  }

  get position(): Position {
    const { root, sealed } = this.#stored
    return { commit: root.commit, rootTag: sealed?.subarray(-tagBytes).toString('base64') ?? '' }
  }

  get figures(): EngineFigures {
    return {
      sizeOnDiskBytes: this.#store.sizeBytes(),
      pages: this.#stored.root.pages,
      cachedPages: this.#cache.pages,
      cacheHits: this.#pages.hits,
      cacheMisses: this.#pages.misses,
      commits: this.#stored.root.commit,
      sealedPages: this.#sealedPages,
      openedPages: this.#pages.misses,
      lastCommitMs: this.#lastCommitMs,
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#ended ??= errors.DatabaseClosed(this.#sealer.database)
    await this.#running
    this.#cache.clear()
    this.#sealer.close()
    await this.#store.close()
  }

  /** Waits for a turn first, so that everything submitted in this one is in the same commit. */
  async #run(): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        await turn()
        await this.#commitQueued()
      }
    } finally {
      this.#running = undefined
    }
  }

  async #commitQueued(): Promise<void> {
    const draft = new Draft(this.#pages, this.#stored.root)
    const settles = await this.#applyQueued(draft)
    let failure: unknown
    try {
      if (draft.changes > 0) await this.#commit(draft)
    } catch (error) {
      failure = failureOf(this.#sealer.database, error)
      if (endsWriting(failure)) this.#ended = failure
    }
    for (const settle of settles) settle(failure)
    if (endsWriting(failure)) for (const { reject } of this.#queue.splice(0)) reject(failure)
  }

  async #applyQueued(draft: Draft): Promise<Settle[]> {
    const settles: Settle[] = []
    let steps = 0
    while (settles.length < commitWriteSetsMax && draft.freshBytes < commitFreshBytesMax) {
      const submission = this.#queue.shift()
      if (submission === undefined) break
      const applying = this.#applyOne(draft, submission)
      let step = applying.next()
      for (; !step.done; step = applying.next()) {
        steps += 1
        if (steps % applySliceSteps === 0) await turn()
      }
      settles.push(step.value)
    }
    return settles
  }

  *#applyOne(
    draft: Draft,
    { writeSet, resolve, reject }: Submission<W, R>,
  ): Generator<undefined, Settle> {
    const savepoint = draft.savepoint()
    try {
      const result = yield* this.#apply(draft, writeSet)
      return (failure) => (failure === undefined ? resolve(result) : reject(failure))
    } catch (error) {
      draft.rollback(savepoint)
      return () => reject(error)
    }
  }

  async #commit(draft: Draft): Promise<void> {
    const started = this.#clock.now()
    try {
      const done = await commit({
        store: this.#store,
        sealer: this.#sealer,
        slots: this.#slots,
        before: this.#stored,
        draft,
        owner: this.#owner,
        oldest: Math.min(this.#stored.root.commit, ...this.#snapshots.keys()),
      })
      this.#stored = done.stored
      this.#sealedPages += done.sealedPages
      for (const page of done.reclaimed) this.#cache.drop(page)
      for (const { page, content } of done.decoded) this.#pages.keep(page, content)
    } finally {
      this.#slots.reset()
      this.#lastCommitMs = this.#clock.now() - started
    }
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw errors.DatabaseClosed(this.#sealer.database)
  }
}
