/**
 * Workers that take keys from a queue, reconcile them one by one, and put them back as the outcome says.
 */
import { type Backoff, backoffMs } from '#shared/backoff.ts'
import type { Clock } from '#shared/clock.ts'
import type { Outcome } from './outcome.ts'
import { retry } from './outcome.ts'
import type { WorkQueue } from './queue.ts'

export interface Controller {
  /** In logs, metrics and as field manager. */
  readonly name: string
  readonly queue: WorkQueue
  /** Level-based: looks at what is, not at what happened. No longer than seconds. */
  readonly reconcile: (key: string) => Promise<Outcome>
  /** Gives nothing out any more. */
  readonly stop: () => void
  readonly workers: number
  readonly backoff: Backoff
  /** Between looks at what is awaited, where no event comes. */
  readonly waitBackoff: Backoff
  readonly random: () => number
  readonly clock: Clock
  /** Told of each finished reconcile and how long it took: for log and metrics. */
  readonly observe: (key: string, outcome: Outcome, milliseconds: number) => void
}

/** Works until the queue is closed; resolves when every worker has put down its key. */
export async function runController(controller: Controller): Promise<void> {
  await Promise.all(Array.from({ length: controller.workers }, () => work(controller)))
}

async function work(controller: Controller): Promise<void> {
  for (;;) {
    const key = await controller.queue.take()
    if (key === undefined) return
    const startedAt = controller.clock.now()
    const outcome = await controller.reconcile(key).catch(retry)
    controller.observe(key, outcome, controller.clock.now() - startedAt)
    schedule(controller, key, outcome)
    controller.queue.finish(key)
  }
}

function schedule(
  { queue, backoff, waitBackoff, random }: Controller,
  key: string,
  outcome: Outcome,
): void {
  if (outcome.kind === 'retry') {
    queue.addAfter(key, backoffMs(backoff, queue.failed(key), random))
    return
  }
  queue.succeeded(key)
  if (outcome.kind === 'waiting') {
    const looks = queue.waited(key, outcome.for)
    queue.addAfter(key, backoffMs(waitBackoff, Math.max(1, looks - outcome.quickLooks), random))
    return
  }
  queue.arrived(key)
  if (outcome.kind === 'done' || outcome.afterMs === undefined) return
  queue.addAfter(key, outcome.afterMs)
}
