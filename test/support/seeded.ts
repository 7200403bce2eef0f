/** Randomness that a seed repeats: a test that fails prints its seed, and the same documents, flips and moments come again. */

export interface Seeded {
  /** From 0 inclusive to 1 exclusive. */
  real(): number
  /** A whole number from `low` to `high`, both inclusive. */
  whole(low: number, high: number): number
  /** True with that probability. */
  chance(probability: number): boolean
  /** One of the list, which must not be empty. */
  pick<T>(list: readonly T[]): T
  /** That many bytes. */
  bytes(count: number): Buffer
}

/** A generator of 32-bit state (mulberry32): plenty for test data, useless for secrets. */
export function seeded(seed: number): Seeded {
  let state = seed >>> 0
  const word = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  const real = (): number => word() / 4_294_967_296
  const whole = (low: number, high: number): number => low + Math.floor(real() * (high - low + 1))
  return {
    real,
    whole,
    chance: (probability) => real() < probability,
    pick: <T>(list: readonly T[]): T => list[whole(0, list.length - 1)] as T,
    bytes: (count) => Buffer.from(Uint8Array.from({ length: count }, () => word() & 0xff)),
  }
}
