/** How long an order waits after what. */
import { backoffMs } from '#shared/backoff.ts'
import {
  brokenBackoff,
  firstCertificateWaitMaxMs,
  firstCertificateWaitsMs,
  firstFailureWait,
  lastFailureWait,
  lookBackoff,
  pollMaxMs,
} from './limits.ts'

/**
 * After failure number `attempts` (1 = the first): from a hundredth of the certificate's life, doubling to a quarter of it. `lifeMs`:
 * undefined where there is no certificate yet; the first waits are then a few minutes.
 */
export function failureWaitMs(attempts: number, lifeMs: number | undefined): number {
  if (lifeMs === undefined) return firstCertificateWaitMs(attempts)
  const first = partOf(lifeMs, firstFailureWait)
  const last = partOf(lifeMs, lastFailureWait)
  return Math.min(first * 2 ** Math.min(attempts - 1, 30), last)
}

function firstCertificateWaitMs(attempts: number): number {
  const [last] = firstCertificateWaitsMs.slice(-1)
  const more = Math.min(Math.max(attempts - firstCertificateWaitsMs.length, 0), 30)
  return (
    firstCertificateWaitsMs[attempts - 1] ??
    Math.min((last ?? 0) * 2 ** more, firstCertificateWaitMaxMs)
  )
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
