/** Clock and timers that a test moves by hand. */
import type { Clock } from '#shared/clock.ts'
import type { Timers } from '#shared/timers.ts'

export interface FakeTime extends Clock, Timers {
  /** Moves the time on and runs what falls due, in its order; lets promises settle in between. */
  pass(ms: number): Promise<void>
  /** Timers that wait. */
  readonly waiting: number
}

export function fakeTime(startMs = Date.UTC(2026, 0, 1)): FakeTime {
  let nowMs = startMs
  const timers = new Map<number, { readonly dueMs: number; readonly work: () => void }>()
  let next = 0
  const nextDue = (untilMs: number): number | undefined =>
    [...timers]
      .filter(([, { dueMs }]) => dueMs <= untilMs)
      .toSorted(([, a], [, b]) => a.dueMs - b.dueMs)[0]?.[0]
  return {
    now: () => nowMs,
    after: (ms, work) => {
      const id = next++
      timers.set(id, { dueMs: nowMs + ms, work })
      return () => timers.delete(id)
    },
    pass: async (ms) => {
      const endMs = nowMs + ms
      await settle()
      for (let id = nextDue(endMs); id !== undefined; id = nextDue(endMs)) {
        const timer = timers.get(id)
        timers.delete(id)
        nowMs = Math.max(nowMs, timer?.dueMs ?? nowMs)
        timer?.work()
        await settle()
      }
      nowMs = endMs
      await settle()
    },
    get waiting() {
      return timers.size
    },
  }
}

/** Lets everything that is already resolved run. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 12; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}
