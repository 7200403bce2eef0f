/**
 * HiLo: ranges of numbers that clients give to new documents without asking for each. The top of what was handed out stands in
 * a document, `Raven/Hilo/<tag>` with `Max`, which clients may read and write.
 */

import { hiloRangeMax, hiloRangeMin } from '#server/limits.ts'
import { databaseErrors } from './errors.ts'
import { numberOrText, wholeOf } from './json/number-text.ts'
import { scanJsonObject } from './json/scan.ts'
import type { JsonValue } from './json/value.ts'
import type { HiloNext, HiloReturn } from './write-set.ts'

/** The collection of these documents. */
export const hiloCollection = '@hilo'

export function hiloId(tag: string): string {
  return `Raven/Hilo/${tag}`
}

/** `Max` of the stored document; 0 where there is none. Never another number than the one that stands there: ids would be given twice. */
export function hiloMax(tag: string, body: Buffer | undefined): number {
  const member = body === undefined ? undefined : maxIn(body)
  if (member === undefined || member.kind === 'null') return 0
  const text = member.bytes.toString('utf8')
  const max = member.kind === 'number' ? wholeOf(numberOrText(text)) : undefined
  if (max === undefined) throw databaseErrors.HiloDocumentInvalid(tag, shown(text))
  return max
}

/** The body with another `Max`; all its other bytes stay. */
export function withHiloMax(body: Buffer | undefined, max: number): Buffer {
  if (body === undefined) return Buffer.from(`{"Max":${max}}`)
  const member = maxIn(body)
  if (member !== undefined) return spliced(body, [member.start, member.end], String(max))
  const isEmpty = scanJsonObject(body, 1).children.length === 0
  return spliced(body, [1, 1], `"Max":${max}${isEmpty ? '' : ','}`)
}

function maxIn(body: Buffer): JsonValue | undefined {
  return scanJsonObject(body, 1).get('Max')
}

function spliced(body: Buffer, [start, end]: readonly [number, number], text: string): Buffer {
  return Buffer.concat([body.subarray(0, start), Buffer.from(text), body.subarray(end)])
}

/** Enough of it to be recognized. */
function shown(text: string): string {
  return text.length > charactersShown ? `${text.slice(0, charactersShown)}…` : text
}

const charactersShown = 40

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
