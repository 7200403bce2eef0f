/** What a CA says when it refuses: a problem document (RFC 7807, RFC 8555 section 6.7), kept as data. */

/** `type` without `urn:ietf:params:acme:error:`, e.g. `rateLimited`. */
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

/** A refusal of the CA. */
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
