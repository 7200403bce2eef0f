/** Steps on screen, each with the time it took. */

export class Steps {
  readonly #stop: AbortSignal
  readonly #beganMs = performance.now()

  /** `stop`: no further step begins once it is aborted. */
  constructor(stop: AbortSignal) {
    this.#stop = stop
  }

  readonly tell = (line: string): void => {
    process.stdout.write(`${line}\n`)
  }

  /** Seconds since the first one, in words. */
  seconds(): string {
    return `${((performance.now() - this.#beganMs) / 1000).toFixed(1)} s`
  }

  async run<T>(name: string, work: () => Promise<T>): Promise<T> {
    this.#stop.throwIfAborted()
    const beganMs = performance.now()
    const result = await work()
    this.tell(`${((performance.now() - beganMs) / 1000).toFixed(1).padStart(7)} s  ${name}`)
    return result
  }
}
