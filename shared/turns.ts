/** Work on one thing at a time: whoever names the same key waits until those before are done, whether they failed or not. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>()

  take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve()
    const turn = before.then(work, work)
    this.#last.set(key, turn)
    const clean = (): void => {
      if (this.#last.get(key) === turn) this.#last.delete(key)
    }
    turn.then(clean, clean)
    return turn
  }

  /** Resolves when nobody works on anything, nor waits to. */
  async idle(): Promise<void> {
    while (this.#last.size > 0) await Promise.allSettled(this.#last.values())
  }
}
