/**
 * One leader among the replicas, by a lease that must be renewed in time.
 *
 * A leader that could not renew within the deadline counts itself out *before* its lease ends by the clock of the others,
 * and the process exits: whoever else takes over finds nobody still writing. Times of other holders are judged by when
 * their last change was *seen*, never by their clocks.
 */
import type { Clock } from '#shared/clock.ts'
import { sleep, type Timers } from '#shared/timers.ts'

export interface LeaseRecord {
  readonly holder: string
  readonly transitions: number
  /** Milliseconds since 1970, by the holder's clock: for people, not for decisions. */
  readonly renewedAt: number
  readonly acquiredAt: number
}

/** Where the lease lives. */
export interface LeaseStore {
  read(): Promise<{ readonly record: LeaseRecord; readonly version: string } | undefined>
  /** False where somebody else wrote since `version` (nothing: the lease must not exist). */
  write(record: LeaseRecord, version: string | undefined): Promise<boolean>
}

export interface LeaderMeans {
  readonly identity: string
  readonly leases: LeaseStore
  readonly clock: Clock
  readonly timers: Timers
  readonly leaseMs: number
  readonly renewDeadlineMs: number
  readonly retryMs: number
  readonly failed: (error: unknown) => void
}

/** Waits until this process leads; then `lost` resolves when it no longer does. */
export async function lead(
  means: LeaderMeans,
  signal: AbortSignal,
): Promise<{ readonly lost: Promise<void> } | undefined> {
  const seen = { version: '', at: 0 }
  while (!signal.aborted) {
    // Counted from before the request: whoever else looks sees the renewal no earlier than that.
    const startedAt = means.clock.now()
    if (await attempt(means, seen)) return { lost: keep(means, startedAt, signal) }
    await sleep(means.timers, means.retryMs, signal)
  }
  return undefined
}

async function attempt(
  means: LeaderMeans,
  seen: { version: string; at: number },
): Promise<boolean> {
  try {
    const found = await means.leases.read()
    const now = means.clock.now()
    if (
      found !== undefined &&
      found.record.holder !== '' &&
      found.record.holder !== means.identity
    ) {
      if (found.version !== seen.version) Object.assign(seen, { version: found.version, at: now })
      if (now - seen.at < means.leaseMs) return false
    }
    return await means.leases.write(recordFor(means.identity, found?.record, now), found?.version)
  } catch (error) {
    means.failed(error)
    return false
  }
}

async function keep(means: LeaderMeans, since: number, signal: AbortSignal): Promise<void> {
  let renewedAt = since
  const leftMs = (): number => means.renewDeadlineMs - (means.clock.now() - renewedAt)
  while (!signal.aborted && leftMs() > 0) {
    await sleep(means.timers, Math.min(means.retryMs, leftMs()), signal)
    if (signal.aborted) return
    const startedAt = means.clock.now()
    const renewed = await renewWithin(means, leftMs(), signal)
    if (renewed === 'taken') return
    if (renewed === 'renewed') renewedAt = startedAt
  }
}

/** A request that hangs must not keep the process a leader: its answer counts only until the deadline. */
async function renewWithin(
  means: LeaderMeans,
  ms: number,
  signal: AbortSignal,
): Promise<'renewed' | 'taken' | 'failed'> {
  const answered = new AbortController()
  const late = sleep(means.timers, ms, AbortSignal.any([signal, answered.signal]))
  try {
    return await Promise.race([renew(means), late.then(() => 'failed' as const)])
  } finally {
    answered.abort()
  }
}

async function renew(means: LeaderMeans): Promise<'renewed' | 'taken' | 'failed'> {
  try {
    const found = await means.leases.read()
    if (found?.record.holder !== means.identity) return 'taken'
    const written = await means.leases.write(
      recordFor(means.identity, found.record, means.clock.now()),
      found.version,
    )
    return written ? 'renewed' : 'failed'
  } catch (error) {
    means.failed(error)
    return 'failed'
  }
}

function recordFor(identity: string, before: LeaseRecord | undefined, now: number): LeaseRecord {
  if (before?.holder === identity) return { ...before, renewedAt: now }
  return {
    holder: identity,
    transitions: (before?.transitions ?? -1) + 1,
    renewedAt: now,
    acquiredAt: now,
  }
}

/** Gives the lease up so that the next one need not wait for its end. */
export async function release(means: LeaderMeans): Promise<void> {
  const found = await means.leases.read()
  if (found?.record.holder === means.identity)
    await means.leases.write({ ...found.record, holder: '' }, found.version)
}
