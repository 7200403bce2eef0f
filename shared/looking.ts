/** Looking at something again and again: one look at a time, on a timer that keeps no process alive, and whenever somebody asks. */
export class Looking implements AsyncDisposable {
  readonly #look: () => Promise<void>
  readonly #timer: NodeJS.Timeout
  #last: Promise<void> = Promise.resolve()

  constructor(look: () => Promise<void>, everyMs: number) {
    this.#look = look
    this.#timer = setInterval(() => void this.now(), everyMs)
    this.#timer.unref()
  }

  /** Looks after the look that may be under way. */
  now(): Promise<void> {
    this.#last = this.#last.then(() => this.#look())
    return this.#last
  }

  /** Waits for the look that may be under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await this.#last
  }
}
