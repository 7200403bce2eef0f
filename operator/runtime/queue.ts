/**
 * The queue between events and workers. It holds keys, not events: what happened is forgotten on purpose, so that a
 * worker looks at the present state.
 *
 * Guarantees: a key that is added twice before it is taken is worked on once; a key is with one worker at a time; a key
 * added while it is being worked on is given out again afterwards; each key has its own count of failures.
 */
import type { Timers } from '#shared/timers.ts'

export class WorkQueue {
  readonly #timers: Timers
  /** Due, in order of arrival. */
  readonly #due = new Set<string>()
  /** With a worker; true = came again meanwhile. */
  readonly #working = new Map<string, boolean>()
  /** Not yet due: when, and how to call it off. */
  readonly #later = new Map<string, { readonly dueMs: number; readonly cancel: () => void }>()
  readonly #failures = new Map<string, number>()
  /** Looks in a row that found something still awaited. */
  readonly #waits = new Map<string, { readonly what: string; readonly looks: number }>()
  #takers: ((key: string | undefined) => void)[] = []
  #closed = false
  #nowMs: () => number

  constructor({ timers, now }: { readonly timers: Timers; readonly now: () => number }) {
    this.#timers = timers
    this.#nowMs = now
  }

  /** Keys that wait or are due later. */
  get depth(): number {
    return this.#due.size + this.#later.size
  }

  add(key: string): void {
    if (this.#closed) return
    this.#forgetTimer(key)
    if (this.#working.has(key)) {
      this.#working.set(key, true)
      return
    }
    this.#due.add(key)
    this.#giveOut()
  }

  /** Adds the key after that many milliseconds; an earlier time already planned for it stays. */
  addAfter(key: string, ms: number): void {
    if (this.#closed) return
    const dueMs = this.#nowMs() + ms
    const planned = this.#later.get(key)
    if (planned !== undefined && planned.dueMs <= dueMs) return
    this.#forgetTimer(key)
    const cancel = this.#timers.after(ms, () => {
      this.#later.delete(key)
      this.add(key)
    })
    this.#later.set(key, { dueMs, cancel })
  }

  /** The next key, when there is one; nothing once the queue is closed. */
  take(): Promise<string | undefined> {
    if (this.#closed) return Promise.resolve(undefined)
    return new Promise((resolve) => {
      this.#takers.push(resolve)
      this.#giveOut()
    })
  }

  /** A worker is through with the key. */
  finish(key: string): void {
    const cameAgain = this.#working.get(key) === true
    this.#working.delete(key)
    if (cameAgain) this.add(key)
  }

  /** Counts one more failure of the key and returns how many there were in a row. */
  failed(key: string): number {
    const failures = (this.#failures.get(key) ?? 0) + 1
    this.#failures.set(key, failures)
    return failures
  }

  succeeded(key: string): void {
    this.#failures.delete(key)
  }

  /** Counts one more look at the key that found the same thing awaited, and returns how many there were in a row. */
  waited(key: string, what: string): number {
    const before = this.#waits.get(key)
    const looks = before?.what === what ? before.looks + 1 : 1
    this.#waits.set(key, { what, looks })
    return looks
  }

  /** Nothing is awaited for the key any more. */
  arrived(key: string): void {
    this.#waits.delete(key)
  }

  /** Gives nothing out any more; who waits gets nothing. */
  close(): void {
    this.#closed = true
    for (const { cancel } of this.#later.values()) cancel()
    this.#later.clear()
    this.#due.clear()
    for (const taker of this.#takers) taker(undefined)
    this.#takers = []
  }

  #giveOut(): void {
    for (const key of this.#due) {
      const taker = this.#takers.shift()
      if (taker === undefined) return
      this.#due.delete(key)
      this.#working.set(key, false)
      taker(key)
    }
  }

  #forgetTimer(key: string): void {
    this.#later.get(key)?.cancel()
    this.#later.delete(key)
  }
}
