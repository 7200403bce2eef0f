/**
 * HiLo: ranges of numbers that clients give to new documents without asking for each. The top of what was handed out stands in
 * a document, `Raven/Hilo/<tag>` with `Max`, which clients may read and write.
 */

import { hiloRangeMax, hiloRangeMin } from '#server/limits.ts'
import { databaseErrors } from './errors.ts'
import { jsOf } from './json/value.ts'
import type { HiloNext, HiloReturn } from './write-set.ts'

/** The collection of these documents. */
export const hiloCollection = '@hilo'

export function hiloId(tag: string): string {
  return `Raven/Hilo/${tag}`
}

/** `Max` of the stored document; 0 where there is none or it holds no number. */
export function hiloMax(body: Buffer | undefined): number {
  if (body === undefined) return 0
  const max: unknown = (jsOf(body) as { Max?: unknown }).Max
  return typeof max === 'number' && Number.isSafeInteger(max) ? max : 0
}

/** The body with another `Max`; its other members stay. */
export function withHiloMax(body: Buffer | undefined, max: number): Buffer {
  const members = body === undefined ? {} : (jsOf(body) as object)
  return Buffer.from(JSON.stringify({ ...members, Max: max }))
}

/** The next range after `max`. */
export function nextRange(
  command: HiloNext,
  max: number,
  now: number,
): { readonly low: number; readonly high: number } {
  const low = Math.max(max, command.lastMax) + 1
  const high = low + rangeSize(command, now) - 1
  if (!Number.isSafeInteger(high)) throw databaseErrors.NumbersExhausted(command.tag)
  return { low, high }
}

/** `Max` after a range came back; undefined where another range was given in between. */
export function maxAfterReturn(command: HiloReturn, max: number): number | undefined {
  return command.end === max && command.last < max ? command.last : undefined
}

/** Who used up a range within half a minute gets twice as many, who was slow half. */
function rangeSize({ lastSize, lastRangeAt }: HiloNext, now: number): number {
  const wanted = lastRangeAt === undefined ? lastSize : lastSize * pace((now - lastRangeAt) / 1000)
  return Math.min(hiloRangeMax, Math.max(hiloRangeMin, Math.floor(wanted)))
}

function pace(seconds: number): number {
  if (seconds < 30) return 2
  return seconds < 60 ? 1 : 0.5
}
