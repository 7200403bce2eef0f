/** Waits that double: `first`, then twice that, up to `most`; each spread by up to a fifth so that many do not come back at once. */
export interface Backoff {
  readonly firstMs: number
  readonly mostMs: number
}

/** The wait before try number `attempt` (1 = the first repetition). `random` gives a number in [0, 1). */
export function backoffMs(
  { firstMs, mostMs }: Backoff,
  attempt: number,
  random: () => number,
): number {
  const doubled = firstMs * 2 ** Math.min(attempt - 1, 30)
  return Math.round(Math.min(doubled, mostMs) * (0.8 + 0.4 * random()))
}
