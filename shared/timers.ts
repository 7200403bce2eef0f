/** Waiting, as something that is passed in: production waits on the machine's timers, tests move them by hand. */
export interface Timers {
  /** Runs `work` once after that many milliseconds; the returned function calls it off. */
  after(ms: number, work: () => void): () => void
}

/** The machine's own timers. They do not keep the process alive. */
export const systemTimers: Timers = {
  after: (ms, work) => {
    const timer = setTimeout(work, ms)
    timer.unref()
    return () => clearTimeout(timer)
  },
}

/** Resolves after that many milliseconds, or at once when the signal ends; never rejects. */
export function sleep(timers: Timers, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const finish = (): void => {
      cancel()
      signal.removeEventListener('abort', finish)
      resolve()
    }
    const cancel = timers.after(ms, finish)
    signal.addEventListener('abort', finish, { once: true })
  })
}
