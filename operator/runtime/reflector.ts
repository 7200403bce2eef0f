/**
 * Keeps a copy of one list of objects, as the API server sees it: list, then watch, from where the last event left off.
 *
 * What it withstands: a watch that ends (resumed at the last resource version, bookmarks included), one that the server has
 * forgotten (410: listed anew, what vanished meanwhile is reported as deleted), one that went silent (no event and no
 * bookmark within the idle time: torn down and resumed), errors (waits that double), and an object that changed while it
 * was not watched. After each resync time every key is reported once more. What does not exist at all (`Absent`) is no failure:
 * everything of it has vanished, and it is looked for again after each resync time.
 */
import { type Backoff, backoffMs } from '#shared/backoff.ts'
import { sleep, type Timers } from '#shared/timers.ts'

/** The part of an object that the reflector looks at. */
export interface Listed {
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly resourceVersion: string
  }
}

export type WatchEvent<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string }

/** Thrown by `watch` when the server no longer knows the resource version (HTTP 410 or an ERROR event of that code). */
export class Gone extends Error {
  override readonly name = 'Gone'
}

/** Thrown by `list` and `watch` where the whole kind does not exist, and may come to: its definition is not installed. */
export class Absent extends Error {
  override readonly name = 'Absent'
}

/** Where the objects come from. */
export interface Source<T> {
  list(
    signal: AbortSignal,
  ): Promise<{ readonly items: readonly T[]; readonly resourceVersion: string }>
  /** Events after that version, until the server ends the watch or the signal does. Asks for bookmarks. */
  watch(resourceVersion: string, signal: AbortSignal): AsyncIterable<WatchEvent<T>>
}

export interface ReflectorMeans {
  readonly timers: Timers
  readonly random: () => number
  readonly backoff: Backoff
  /** Without event or bookmark for that long the watch is taken for dead. API servers send a bookmark about once a minute. */
  readonly idleMs: number
  /** Every key is reported again after that long. */
  readonly resyncMs: number
  /** Told of each failure that is waited out. */
  readonly failed: (error: unknown) => void
}

/** The group that an object belongs to; nothing where it belongs to none. */
export type GroupOf<T> = (object: T) => string | undefined

export class Reflector<T extends Listed> {
  readonly #source: Source<T>
  readonly #means: ReflectorMeans
  readonly #groupOf: GroupOf<T>
  readonly #objects = new Map<string, T>()
  /** By group, then as `#objects`: so that looking for a few does not mean looking at all. */
  readonly #groups = new Map<string, Map<string, T>>()
  readonly #listeners: ((object: T) => void)[] = []
  readonly #presenceListeners: ((isPresent: boolean) => void)[] = []
  readonly #synced = Promise.withResolvers<void>()
  #resourceVersion: string | undefined
  #attempt = 0
  #isPresent: boolean | undefined

  constructor(source: Source<T>, means: ReflectorMeans, groupOf: GroupOf<T> = () => undefined) {
    this.#source = source
    this.#means = means
    this.#groupOf = groupOf
  }

  /** Resolves after the first complete list, or once it is known that there is nothing to list. */
  get synced(): Promise<void> {
    return this.#synced.promise
  }

  /** False where the kind does not exist; nothing until the server has said either. */
  get isPresent(): boolean | undefined {
    return this.#isPresent
  }

  /** `namespace/name`, or `name` for what has no namespace. */
  get(key: string): T | undefined {
    return this.#objects.get(key)
  }

  all(): readonly T[] {
    return [...this.#objects.values()]
  }

  ofGroup(group: string): readonly T[] {
    return [...(this.#groups.get(group)?.values() ?? [])]
  }

  /** Called with every object that appeared, changed, vanished (as it was last) or is due for a resync. */
  onObject(listener: (object: T) => void): void {
    this.#listeners.push(listener)
  }

  /** Called when the kind was found, and when it went. */
  onPresence(listener: (isPresent: boolean) => void): void {
    this.#presenceListeners.push(listener)
  }

  /** Follows the list until the signal ends. */
  async run(signal: AbortSignal): Promise<void> {
    const resyncing = this.#resync(signal)
    while (!signal.aborted) {
      try {
        await this.#listAndWatch(signal)
      } catch (error) {
        if (!signal.aborted) await this.#recover(error, signal)
      }
    }
    await resyncing
  }

  /** Until the watch ends, as every watch does. */
  async #listAndWatch(signal: AbortSignal): Promise<void> {
    if (this.#resourceVersion === undefined) await this.#list(signal)
    const events = await this.#watch(this.#resourceVersion ?? '', signal)
    if (events === 0) await this.#wait(signal)
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { items, resourceVersion } = await this.#source.list(signal)
    this.#replace(items, resourceVersion)
    this.#attend(true)
  }

  #replace(items: readonly T[], resourceVersion: string | undefined): void {
    const found = new Map(items.map((item) => [keyOf(item), item]))
    const vanished = [...this.#objects].filter(([key]) => !found.has(key))
    for (const [key] of vanished) this.#forget(key)
    const changed = [...found].filter(
      ([key, item]) => versionOf(this.#objects.get(key)) !== versionOf(item),
    )
    for (const [key, item] of changed) this.#keep(key, item)
    this.#resourceVersion = resourceVersion
    this.#synced.resolve()
    for (const [, object] of [...vanished, ...changed]) this.#report(object)
  }

  /** The number of events until the watch ended. */
  async #watch(from: string, signal: AbortSignal): Promise<number> {
    let events = 0
    const silence = new AbortController()
    const either = AbortSignal.any([signal, silence.signal])
    let cancel = this.#watchdog(silence)
    try {
      for await (const event of this.#source.watch(from, either)) {
        cancel()
        cancel = this.#watchdog(silence)
        this.#attempt = 0
        events += 1
        this.#take(event)
      }
    } finally {
      cancel()
    }
    return events
  }

  #watchdog(silence: AbortController): () => void {
    return this.#means.timers.after(this.#means.idleMs, () => silence.abort())
  }

  #take(event: WatchEvent<T>): void {
    if (event.type === 'BOOKMARK') {
      this.#resourceVersion = event.resourceVersion
      return
    }
    const key = keyOf(event.object)
    this.#resourceVersion = event.object.metadata.resourceVersion
    if (event.type === 'DELETED') this.#forget(key)
    else this.#keep(key, event.object)
    this.#report(event.object)
  }

  #keep(key: string, object: T): void {
    this.#forget(key)
    this.#objects.set(key, object)
    const name = this.#groupOf(object)
    if (name === undefined) return
    const group = this.#groups.get(name) ?? new Map<string, T>()
    this.#groups.set(name, group.set(key, object))
  }

  #forget(key: string): void {
    const object = this.#objects.get(key)
    if (object === undefined) return
    this.#objects.delete(key)
    const name = this.#groupOf(object) ?? ''
    const group = this.#groups.get(name)
    group?.delete(key)
    if (group?.size === 0) this.#groups.delete(name)
  }

  async #recover(error: unknown, signal: AbortSignal): Promise<void> {
    if (error instanceof Absent) {
      this.#replace([], undefined)
      this.#attend(false)
      await sleep(this.#means.timers, this.#means.resyncMs, signal)
      return
    }
    if (error instanceof Gone) {
      this.#resourceVersion = undefined
      // Once at once; a server that forgets what it just gave out is asked no faster than a broken one.
      if (this.#attempt > 0) await this.#wait(signal)
      else this.#attempt = 1
      return
    }
    this.#means.failed(error)
    await this.#wait(signal)
  }

  /** A server that ends every watch at once must not be asked in a tight loop either. */
  async #wait(signal: AbortSignal): Promise<void> {
    this.#attempt += 1
    await sleep(
      this.#means.timers,
      backoffMs(this.#means.backoff, this.#attempt, this.#means.random),
      signal,
    )
  }

  async #resync(signal: AbortSignal): Promise<void> {
    for (;;) {
      await sleep(this.#means.timers, this.#means.resyncMs, signal)
      if (signal.aborted) return
      for (const object of this.#objects.values()) this.#report(object)
    }
  }

  #report(object: T): void {
    for (const listener of this.#listeners) listener(object)
  }

  #attend(isPresent: boolean): void {
    if (isPresent === this.#isPresent) return
    this.#isPresent = isPresent
    for (const listener of this.#presenceListeners) listener(isPresent)
  }
}

/** `namespace/name`, or `name` alone. */
export function keyOf({ metadata }: Listed): string {
  return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`
}

function versionOf(object: Listed | undefined): string | undefined {
  return object?.metadata.resourceVersion
}
