/** How many orders and challenges of one account begin in a time: so many at once, then so many a second. In memory, one for each account key. */
import type { OrderLimiter } from './advance.types.ts'
import { challengeRate, orderRate } from './limits.ts'

interface Rate {
  readonly burst: number
  readonly perSecond: number
}

interface Bucket {
  tokens: number
  atMs: number
}

export class AccountLimiter implements OrderLimiter {
  readonly #now: () => number
  readonly #rates: Readonly<Record<'order' | 'challenge', Rate>>
  readonly #buckets = new Map<string, Bucket>()

  constructor(
    now: () => number,
    rates: Readonly<Record<'order' | 'challenge', Rate>> = {
      order: orderRate,
      challenge: challengeRate,
    },
  ) {
    this.#now = now
    this.#rates = rates
  }

  /** More at once than ever fit are let through when nobody else waits. */
  take(kind: 'order' | 'challenge', count: number): number {
    const { burst, perSecond } = this.#rates[kind]
    const bucket = this.#filled(kind)
    const missing = Math.min(count, burst) - bucket.tokens
    if (missing > 0) return Math.ceil((missing / perSecond) * 1000)
    bucket.tokens -= count
    return 0
  }

  #filled(kind: 'order' | 'challenge'): Bucket {
    const { burst, perSecond } = this.#rates[kind]
    const nowMs = this.#now()
    const bucket = this.#buckets.get(kind) ?? { tokens: burst, atMs: nowMs }
    const elapsedMs = Math.max(0, nowMs - bucket.atMs)
    bucket.tokens = Math.min(burst, bucket.tokens + (elapsedMs / 1000) * perSecond)
    bucket.atMs = nowMs
    this.#buckets.set(kind, bucket)
    return bucket
  }
}
