/** The life of the operator's process: probes, cache, lead, work, and how each of them ends. */
import { sleep, type Timers } from '#shared/timers.ts'
import { type Answers, challengeResponder } from './challenges/responder.ts'
import type { Cache } from './kube/cache.ts'
import { renewDeadlineMs } from './limits.ts'
import type { OperatorMetrics } from './metrics.ts'
import { probeServer } from './probes.ts'
import { type Controller, runController } from './runtime/controller.ts'
import { type LeaderMeans, lead, release } from './runtime/leader.ts'

export interface Logger {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

export interface RunParts {
  readonly cache: Pick<Cache, 'run' | 'synced'>
  readonly controllers: readonly Controller[]
  /** Nothing where no leader is elected. */
  readonly leader: LeaderMeans | undefined
  readonly probePort: number
  /** Answers challenges of CAs on that port, also where another replica leads. */
  readonly challenges: { readonly port: number; readonly answers: Answers }
  readonly metrics: Pick<OperatorMetrics, 'text' | 'leads'>
  readonly timers: Timers
  readonly logger: Logger
}

export type Ended = 'stopped' | 'lost'

/** Works until the signal ends or leadership is lost. */
export async function runOperator(parts: RunParts, signal: AbortSignal): Promise<Ended> {
  const { cache, metrics, logger } = parts
  const state = { isReady: false }
  await using probes = await probeServer(parts.probePort, {
    isReady: () => state.isReady,
    metrics: metrics.text,
  })
  logger.info({ port: probes.port }, 'Probes and metrics are served')
  await using responder = await challengeResponder(parts.challenges.port, parts.challenges.answers)
  logger.info({ port: responder.port }, 'Challenges of CAs are answered')
  const stop = new AbortController()
  const caching = cache.run(AbortSignal.any([signal, stop.signal]))
  // An API server that never answers must not keep the process from ending.
  await Promise.race([cache.synced(), aborted(signal)])
  state.isReady = !signal.aborted
  const ended = await leadAndWork(parts, signal)
  stop.abort()
  if (ended === 'stopped') await caching
  return ended
}

async function leadAndWork(
  { controllers, leader, metrics, timers, logger }: RunParts,
  signal: AbortSignal,
): Promise<Ended> {
  const never = new Promise<void>(() => undefined)
  const leading = leader === undefined ? { lost: never } : await lead(leader, signal)
  if (leading === undefined || signal.aborted) return 'stopped'
  metrics.leads()
  logger.info({ identity: leader?.identity }, 'This process leads')
  const working = Promise.all(controllers.map(runController))
  await Promise.race([leading.lost, aborted(signal)])
  for (const { stop } of controllers) stop()
  // Whoever lost the lead waits for nothing: what is being written now may meet the next leader's writes.
  if (!signal.aborted) return 'lost'
  const isDone = await within(timers, renewDeadlineMs, working)
  // The lease is given up only when nobody here writes any more; else it ends by itself.
  if (leader !== undefined && isDone) await release(leader).catch(leader.failed)
  return 'stopped'
}

/** True where the work ended in that time. */
async function within(timers: Timers, ms: number, work: Promise<unknown>): Promise<boolean> {
  const ended = new AbortController()
  try {
    const late = sleep(timers, ms, ended.signal)
    return await Promise.race([work.then(() => true), late.then(() => false)])
  } finally {
    ended.abort()
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
