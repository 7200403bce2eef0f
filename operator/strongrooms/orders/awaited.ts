/** The moment in which a CA works on a request: nothing is read, asked or written down until it is over. */
import type { Strongroom } from '#operator/api/strongroom.ts'
import { nextAct } from '#shared/acme/next-act.ts'
import type { OrderState } from '#shared/acme/order-state.ts'
import type { OrderMeans } from './scene.ts'

/** Longer waits may be overtaken by what people do, and by what else happens in the cluster. */
const momentMs = 2_000

/** Milliseconds that are left of it; nothing where there is something to do or to be said. */
export function momentOf(order: OrderState | undefined, nowMs: number): number | undefined {
  if (order?.finalized !== true || order.problem !== undefined) return undefined
  const next = nextAct(order, nowMs)
  const leftMs = next.kind === 'wait' ? next.untilMs - nowMs : 0
  return leftMs > 0 && leftMs <= momentMs ? leftMs : undefined
}

/** The same of a Strongroom; nothing also where anybody else wrote it last. */
export function awaitedMs(
  cluster: Strongroom,
  { clock, ownWrites }: Pick<OrderMeans, 'clock' | 'ownWrites'>,
): number | undefined {
  return ownWrites.isLatest(cluster) ? momentOf(ownWrites.orderOf(cluster), clock.now()) : undefined
}
