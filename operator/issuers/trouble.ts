/** What stands between an issuer and its account, as a named trouble with the CA's own words. */
import { type Halt, stall, wait } from '#operator/access/halts.ts'
import { wordsMax } from '#operator/limits.ts'
import { HttpsFailure } from '#shared/acme/https.ts'
import { AcmeProblem } from '#shared/acme/problem.ts'

export interface Trouble {
  readonly halt: Halt
  /** When the CA may be asked again, where it says so. */
  readonly afterMs?: number | undefined
}

/** Ends an exchange with a trouble that has a name. */
export class IssuerTrouble extends Error {
  override readonly name = 'IssuerTrouble'
  readonly trouble: Trouble

  constructor(halt: Halt) {
    super(halt.message)
    this.trouble = { halt }
  }
}

/** Any other error is ours: it is thrown again. */
export function troubleOf(error: unknown): Trouble {
  if (error instanceof IssuerTrouble) return error.trouble
  if (error instanceof HttpsFailure)
    return {
      halt: wait('DirectoryUnreachable', bounded(`The CA cannot be asked: ${error.message}`)),
    }
  if (!(error instanceof AcmeProblem)) throw error
  if (error.type === 'rateLimited' || error.status === 429)
    return { halt: wait('RateLimited', wordsOf(error)), afterMs: error.retryAfterMs }
  if (error.status >= 500 || error.type === 'badNonce')
    return { halt: wait('DirectoryUnreachable', wordsOf(error)), afterMs: error.retryAfterMs }
  return { halt: stall(reasons[error.type] ?? 'AccountRefused', wordsOf(error)) }
}

/** By type of problem (RFC 8555 section 6.7). What is `unauthorized` depends on what was asked. */
const reasons: Readonly<Record<string, string>> = {
  accountDoesNotExist: 'AccountKeyUnknown',
  externalAccountRequired: 'ExternalAccountRequired',
  invalidContact: 'ContactRefused',
  unsupportedContact: 'ContactRefused',
  userActionRequired: 'TermsRefused',
}

/** The CA's own words, and of what type its refusal is. */
export function wordsOf({ status, type, detail, subproblems }: AcmeProblem): string {
  const more = subproblems.map((sub) => `; ${sub.name ?? ''} ${sub.detail}`).join('')
  return bounded(`The CA says: ${detail}${more} (${status} ${type})`)
}

function bounded(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').slice(0, wordsMax)
}
