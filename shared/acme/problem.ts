/** What a CA says when it refuses: a problem document (RFC 7807, RFC 8555 section 6.7), kept as data. */
import type { HttpsAnswer } from './https.ts'
import {
  detailCharactersMax,
  nameCharactersMax,
  namesMax,
  problemTypeCharactersMax,
  retryAfterMaxMs,
} from './limits.ts'
import { type WireProblem, wire } from './wire.ts'

/** RFC 8555 section 6.6: too many; the CA says when it may be asked again. */
export const rateLimited = 'rateLimited'

/** `type` without `urn:ietf:params:acme:error:`, e.g. `rateLimited`; ours begin with `strongroom:`. */
export interface Problem {
  readonly type: string
  /** The CA's own words. */
  readonly detail: string
  /** Which names it is about. */
  readonly subproblems: readonly Subproblem[]
}

export interface Subproblem {
  readonly type: string
  readonly detail: string
  readonly name?: string | undefined
}

export interface Refusal extends Problem {
  readonly status: number
  readonly retryAfterMs?: number | undefined
}

/** A refusal of the CA, or an answer of it that makes no sense. */
export class AcmeProblem extends Error {
  readonly status: number
  readonly type: string
  readonly detail: string
  readonly subproblems: readonly Subproblem[]
  /** From Retry-After, counted from the answer. */
  readonly retryAfterMs: number | undefined

  constructor({ status, type, detail, subproblems, retryAfterMs }: Refusal) {
    super(`The CA refuses (${status} ${type}): ${detail}`)
    this.name = 'AcmeProblem'
    this.status = status
    this.type = type
    this.detail = detail
    this.subproblems = subproblems
    this.retryAfterMs = retryAfterMs
  }
}

/** The refusal in an answer with a status of 300 or more. A page of some proxy is one without words. */
export function refusal(answer: HttpsAnswer, nowMs: number): AcmeProblem {
  const said = wire.problem.read(answer.body.toString('utf8'))
  const problem =
    said === undefined
      ? { type: 'strongroom:noProblemDocument', detail: wordless(answer.status), subproblems: [] }
      : problemOf(said)
  return new AcmeProblem({
    ...problem,
    status: answer.status,
    retryAfterMs: retryAfterMs(answer.headers, nowMs),
  })
}

function wordless(status: number): string {
  return `the CA answers ${status} and does not say why`
}

/** An answer that is none: the CA, or somebody in between, does not speak ACME there. */
export function senseless(status: number, detail: string): AcmeProblem {
  return new AcmeProblem({ status, type: 'strongroom:senselessAnswer', detail, subproblems: [] })
}

/** Bounded: it will be kept. */
export function problemOf(said: WireProblem): Problem {
  return {
    ...bounded(said),
    subproblems: (said.subproblems ?? []).slice(0, namesMax).map(({ identifier, ...rest }) => ({
      ...bounded(rest),
      name: identifier?.value && printable(identifier.value).slice(0, nameCharactersMax),
    })),
  }
}

/** Milliseconds until it may be tried again (RFC 9110 section 10.2.3); a date is read by the clock of whoever wrote it. */
export function retryAfterMs(
  headers: { readonly 'retry-after'?: string | undefined; readonly date?: string | undefined },
  nowMs: number,
): number | undefined {
  const value = headers['retry-after']?.trim()
  if (value === undefined) return undefined
  if (/^\d{1,9}$/.test(value)) return Math.min(Number(value) * 1000, retryAfterMaxMs)
  const moment = Date.parse(value)
  if (Number.isNaN(moment)) return undefined
  const itsNow = Date.parse(headers.date ?? '')
  const wait = moment - (Number.isNaN(itsNow) ? nowMs : itsNow)
  return Math.min(Math.max(wait, 0), retryAfterMaxMs)
}

/** In one line, without what would act on a terminal or turn the direction of a text. */
function printable(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
}

function bounded({ type, detail }: WireProblem): { type: string; detail: string } {
  return {
    type: (type ?? 'about:blank')
      .replace(/^urn:ietf:params:acme:error:/, '')
      .replace(/[^\x21-\x7e]/g, '')
      .slice(0, problemTypeCharactersMax),
    detail: printable(detail ?? 'it does not say why').slice(0, detailCharactersMax),
  }
}
