/**
 * The engine: sealed trees over a page store. One writer; everybody who waits shares a commit; readers see what is durable.
 *
 * A commit writes all fresh pages and the root record in one transaction of the page store. State in memory moves on only after
 * that, so a commit that fails leaves everything as it was, and the next one may succeed.
 */
import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { errors } from '#server/errors.ts'
import { ownershipAttemptsMax, pageCacheBytesDefault, promptReclaimPages } from '#server/limits.ts'
import type { Sealer } from '#server/seal/sealer.ts'
import { tagBytes } from '#server/seal/sizes.ts'
import { randomBytes } from '#server/seal/sodium.ts'
import { type CodedError, hasCode } from '#shared/errors.ts'
import { PageCache, type Partition } from './cache/page-cache.ts'
import { commit, type Stored } from './commit.ts'
import { endsWriting, failureOf } from './commit-failure.ts'
import type { Engine, EngineFigures, Position, Reader } from './engine.types.ts'
import type { EngineOptions } from './engine-options.types.ts'
import { isLoss, lossOf } from './loss.ts'
import { isOutdated, openRoot } from './open-root.ts'
import { type CachedPage, PageReader } from './page-reader.ts'
import type { PageStore } from './page-store/page-store.ts'
import { Slots } from './page-writer.ts'
import { ReadStates } from './read-states.ts'
import { ownerBytes } from './root-record.ts'
import { applyQueued, type Submission } from './submissions.ts'
import { Draft, StateReader } from './view.ts'

/**
 * Opens a database and becomes its owner; an empty store becomes an empty database. Rejects with `DatabaseDamaged` (also for a
 * wrong key), `DatabaseRolledBack`, `DataDirectoryTaken`, `DiskFull`, and what `admit` throws. Where it rejects, nothing was written.
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
      await engine.takeOwnership(engine.admitted(options.admit))
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

class TreeEngine<W, R> implements Engine<W, R> {
  readonly #store: PageStore
  readonly #sealer: Sealer
  readonly #cache: Partition<CachedPage>
  readonly #pages: PageReader
  readonly #slots = new Slots()
  readonly #owner = randomBytes(ownerBytes)
  readonly #readers = new ReadStates()
  #queue: Submission<W, R>[] = []
  #stored: Stored
  #running: Promise<void> | undefined
  /** Why nothing can be written any more. */
  #ended: Error | undefined
  #closing: Promise<void> | undefined
  #sealedPages = 0
  #lastCommitMs = 0
  /** Pages wait to be used again: the next commit comes without being asked for. */
  #hasFree = false
  #wantsStoreCommit = false
  #damages = 0
  readonly #options: EngineOptions<W, R>
  readonly #storeCommit: () => number

  constructor(options: EngineOptions<W, R>, stored: Stored) {
    this.#store = options.store
    this.#sealer = options.sealer
    this.#stored = stored
    this.#cache = (options.cache ?? new PageCache(pageCacheBytesDefault)).partition()
    this.#options = options
    this.#storeCommit = options.storeCommit ?? (() => 0)
    this.#pages = new PageReader({
      ...{ store: this.#store, sealer: this.#sealer, cache: this.#cache },
      damaged: (error) => this.#noteDamage(error),
    })
  }

  /** What `admit` answers to what is stored. */
  admitted(admit: EngineOptions<W, R>['admit']): number {
    if (admit === undefined) return 0
    return this.read((reader) => admit(Object.assign(reader, this.position)))
  }

  /** Writes our owner id; whoever had the folder before notices at its next commit. */
  async takeOwnership(numberMin: number): Promise<void> {
    await this.#commit(new Draft(this.#pages, this.#stored.root), numberMin)
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
    this.#readers.begin(root)
    let released = false
    return Object.assign(reader, {
      [Symbol.dispose]: () => {
        if (released) return
        released = true
        reader.end()
        this.#readers.end(root)
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
    const failure = this.#lost()
    if (failure !== undefined) throw this.#endWith(failure)
  }

  recordStoreCommit(): Promise<void> {
    if (this.#ended !== undefined || this.#stored.root.storeCommit >= this.#storeCommit())
      return Promise.resolve()
    this.#wantsStoreCommit = true
    this.#running ??= this.#run()
    return this.#running
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
      damages: this.#damages,
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
      while (this.#queue.length > 0 || this.#owesCommit()) {
        await turn()
        await this.#commitQueued()
      }
    } finally {
      this.#running = undefined
    }
  }

  /** Nobody waits for it, but something is to be written down. */
  #owesCommit(): boolean {
    return this.#ended === undefined && (this.#hasFree || this.#wantsStoreCommit)
  }

  async #commitQueued(): Promise<void> {
    const draft = new Draft(this.#pages, this.#stored.root)
    const settles = await applyQueued(this.#queue, { draft, apply: this.#options.apply })
    const owes = this.#owesCommit()
    // Whether it succeeds or not: what nobody waits for is not tried again and again.
    this.#hasFree = false
    this.#wantsStoreCommit = false
    let failure: unknown
    try {
      if (draft.changes > 0 || owes) await this.#commit(draft)
    } catch (error) {
      failure = this.#explained(error)
    }
    for (const settle of settles) settle(failure)
    if (this.#ended !== undefined && failure === this.#ended)
      for (const { reject } of this.#queue.splice(0)) reject(failure)
  }

  /** What a failed commit means: that of a store which is not as we left it, or not ours any more, is the last. */
  #explained(error: unknown): unknown {
    const said = failureOf(this.#sealer.database, error)
    const failure = isLoss(said) ? (this.#lost() ?? said) : said
    // A damaged page stands in the way of this commit; what the root leads to besides it can still be read.
    const isOnePage = failure === said && hasCode(said, 'DatabaseDamaged')
    if (endsWriting(failure) || (isLoss(failure) && !isOnePage)) this.#endWith(failure)
    return failure
  }

  #lost(): CodedError | undefined {
    const { sealed } = this.#stored
    return lossOf({ store: this.#store, sealer: this.#sealer, owner: this.#owner, sealed })
  }

  #endWith(failure: CodedError): CodedError {
    this.#ended = failure
    if (failure.code === 'DatabaseDamaged') this.#noteDamage(failure)
    return failure
  }

  #noteDamage(error: CodedError): void {
    this.#damages += 1
    if (this.#damages === 1) this.#options.damaged?.(error)
  }

  async #commit(draft: Draft, numberMin = 0): Promise<void> {
    const started = this.#options.clock.now()
    try {
      const done = await commit({
        store: this.#store,
        sealer: this.#sealer,
        slots: this.#slots,
        before: this.#stored,
        draft,
        owner: this.#owner,
        storeCommit: this.#storeCommit(),
        numberMin,
        readers: this.#readers.all,
        free: this.#readers.walk,
      })
      this.#stored = done.stored
      this.#readers.walk = done.free
      this.#hasFree = done.leftFree || draft.freed.length >= promptReclaimPages
      this.#sealedPages += done.sealedPages
      for (const page of done.reclaimed) this.#cache.drop(page)
      for (const { page, content } of done.decoded) this.#pages.keep(page, content)
    } finally {
      this.#slots.reset()
      this.#lastCommitMs = this.#options.clock.now() - started
    }
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw errors.DatabaseClosed(this.#sealer.database)
  }
}
