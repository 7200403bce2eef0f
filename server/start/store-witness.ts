/**
 * Has the databases write down each commit of the server store soon after it, whether anybody writes to them or not: an older copy of
 * the store, put back alone, is behind what they say.
 *
 * One round for all that came meanwhile, and a pause as long as the last round took: a server with a thousand databases does not spend
 * its time on this.
 */
import { witnessDelayMs } from '#server/limits.ts'

export interface WitnessParts {
  /** Has every open database write down the newest commit. */
  readonly record: () => Promise<void>
  /** Milliseconds, from any moment on. */
  readonly now: () => number
  /** Told of a round that failed; the next change begins another. */
  readonly failed: (error: unknown) => void
}

export class StoreWitness implements AsyncDisposable {
  readonly #parts: WitnessParts
  #timer: NodeJS.Timeout | undefined
  #round: Promise<void> = Promise.resolve()
  #lastTookMs = 0
  #isClosed = false

  constructor(parts: WitnessParts) {
    this.#parts = parts
  }

  /** Something was written to the server store. */
  changed(): void {
    if (this.#isClosed || this.#timer !== undefined) return
    const delay = Math.max(witnessDelayMs, this.#lastTookMs)
    this.#timer = setTimeout(() => void this.#run(), delay)
    this.#timer.unref()
  }

  /** Resolves after a last round. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#round
    await this.#run()
  }

  #run(): Promise<void> {
    this.#timer = undefined
    this.#round = this.#round.then(() => this.#record())
    return this.#round
  }

  async #record(): Promise<void> {
    const began = this.#parts.now()
    await this.#parts.record().catch(this.#parts.failed)
    this.#lastTookMs = this.#parts.now() - began
  }
}
