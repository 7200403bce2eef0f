/** What differs between a record and an answer, and which differences are declared. */
import type { GoldenStep } from './golden.ts'

export interface Difference {
  /** Where: `status`, `open`, `items`, `header.etag`, `body.Results[0].Name` … */
  readonly at: string
  readonly text: string
}

/** A difference that we want, or cannot avoid, with the reason. */
export interface ExpectedDifference {
  /** `scenario/step`, `*` for any text. */
  readonly step: string
  /** Where it may differ, as patterns over `Difference.at`; everywhere where left out. */
  readonly what?: readonly string[]
  readonly reason: string
}

/** Every place where the answer is not as recorded; bodies are compared only under the same status. */
export function differences(golden: GoldenStep, answer: GoldenStep): Difference[] {
  const found: Difference[] = []
  compare(golden.status, answer.status, 'status', found)
  compare(golden.open ?? 'ends', answer.open ?? 'ends', 'open', found)
  compare(golden.headers, answer.headers, 'header', found)
  compare(golden.items ?? null, answer.items ?? null, 'items', found)
  if (golden.status === answer.status) compare(golden.body, answer.body, 'body', found)
  return found
}

/** The declarations that cover this difference. */
export function covering(
  expected: readonly ExpectedDifference[],
  step: string,
  { at }: Difference,
): ExpectedDifference[] {
  return expected.filter(
    (entry) => matches(entry.step, step) && (entry.what?.some((what) => matches(what, at)) ?? true),
  )
}

function matches(pattern: string, text: string): boolean {
  const [start = '', ...rest] = pattern.split('*')
  if (rest.length === 0) return pattern === text
  if (!text.startsWith(start)) return false
  const end = rest.pop() ?? ''
  let at = start.length
  for (const part of rest) {
    const next = text.indexOf(part, at)
    if (next < 0) return false
    at = next + part.length
  }
  return text.length - end.length >= at && text.endsWith(end)
}

function compare(golden: unknown, answer: unknown, at: string, found: Difference[]): void {
  const [wanted, got] = [kind(golden), kind(answer)]
  if (wanted !== got) {
    found.push({ at, text: `${wanted} expected, ${got} here` })
  } else if (Array.isArray(golden) && Array.isArray(answer)) {
    compareLists(golden, answer, at, found)
  } else if (isRecord(golden) && isRecord(answer)) {
    compareRecords(golden, answer, at, found)
  } else if (golden !== answer) {
    found.push({ at, text: `${JSON.stringify(golden)} expected, ${JSON.stringify(answer)} here` })
  }
}

function compareLists(golden: unknown[], answer: unknown[], at: string, found: Difference[]): void {
  if (golden.length !== answer.length)
    found.push({ at, text: `${golden.length} items expected, ${answer.length} here` })
  for (let i = 0; i < Math.min(golden.length, answer.length); i++)
    compare(golden[i], answer[i], `${at}[${i}]`, found)
}

type Keyed = Readonly<Record<string, unknown>>

function compareRecords(golden: Keyed, answer: Keyed, at: string, found: Difference[]): void {
  for (const key of Object.keys(golden)) {
    if (key in answer) compare(golden[key], answer[key], `${at}.${key}`, found)
    else found.push({ at: `${at}.${key}`, text: 'missing' })
  }
  for (const key of Object.keys(answer))
    if (!(key in golden)) found.push({ at: `${at}.${key}`, text: 'extra' })
}

function isRecord(value: unknown): value is Keyed {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

function kind(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'list' : typeof value
}
