/** How long an order waits after what. */
import { backoffMs } from '#shared/backoff.ts'
import {
  brokenBackoff,
  firstFailureWait,
  lastFailureWait,
  lookBackoff,
  pollMaxMs,
  unknownLifeMs,
} from './limits.ts'

/** After failure number `attempts` (1 = the first): from a hundredth of the certificate's life, doubling to a quarter of it. */
export function failureWaitMs(attempts: number, lifeMs: number = unknownLifeMs): number {
  const first = partOf(lifeMs, firstFailureWait)
  const last = partOf(lifeMs, lastFailureWait)
  return Math.min(first * 2 ** Math.min(attempts - 1, 30), last)
}

/** After a bad nonce, a 5xx or a broken connection; never less than the CA asks for. */
export function brokenWaitMs(
  retries: number,
  random: () => number,
  retryAfterMs: number | undefined = 0,
): number {
  return Math.max(backoffMs(brokenBackoff, retries, random), retryAfterMs)
}

/** Until the CA or the place where it will look is looked at again. A CA that names a time is believed within bounds. */
export function lookWaitMs(
  retries: number,
  random: () => number,
  retryAfterMs?: number | undefined,
): number {
  if (retryAfterMs === undefined) return backoffMs(lookBackoff, retries, random)
  return Math.min(Math.max(retryAfterMs, lookBackoff.firstMs), pollMaxMs)
}

function partOf(
  lifeMs: number,
  bound: { readonly part: number; readonly leastMs: number; readonly mostMs: number },
): number {
  return Math.min(Math.max(Math.floor(lifeMs / bound.part), bound.leastMs), bound.mostMs)
}
