/**
 * When to renew a certificate, and when to ask the CA about that: RFC 9773. Pure. A window is followed from a random point in it, which is
 * chosen once; without one, or with one that makes no sense, it is two thirds of the certificate's actual life.
 */
import { type Check, firstFinding } from '#shared/checks.ts'
import type { Certificate } from '#shared/pki/certificate.ts'
import { renewAt } from '#shared/pki/renewal.ts'
import type { RenewalInfo } from './acme-api.ts'
import {
  detailCharactersMax,
  renewalInfoDefaultMs,
  renewalInfoLeastMs,
  renewalInfoPart,
  urlCharactersMax,
} from './limits.ts'
import type { RenewalState } from './renewal-state.ts'

type Dated = Pick<Certificate, 'sha256' | 'notBefore' | 'notAfter'>

/** Milliseconds since 1970; in the past means now. */
export interface RenewalPlan {
  readonly renewAt: number
  readonly askAt: number
}

/** What asking the CA came to. */
export type RenewalNews =
  | { readonly kind: 'said'; readonly info: RenewalInfo }
  /** The CA has no ARI. */
  | { readonly kind: 'none' }
  /** No answer, or none that makes sense. */
  | { readonly kind: 'failed'; readonly detail: string; readonly retryAfterMs?: number | undefined }

/** What is known of another certificate says nothing about this one. */
export function renewalPlan(
  certificate: Dated,
  state: RenewalState | undefined,
  nowMs: number,
): RenewalPlan {
  if (state?.sha256 !== certificate.sha256) return { renewAt: renewAt(certificate), askAt: nowMs }
  return { renewAt: Date.parse(state.renewAt), askAt: Date.parse(state.askAt) }
}

/** What is known after asking; to be written down. */
export function afterRenewalNews(
  certificate: Dated,
  news: RenewalNews,
  {
    state,
    nowMs,
    random,
  }: {
    readonly state: RenewalState | undefined
    readonly nowMs: number
    /** A number in [0, 1). */
    readonly random: () => number
  },
): RenewalState {
  const before = state?.sha256 === certificate.sha256 ? state : undefined
  const askAt = time(nowMs + askAfterMs(certificate, news))
  if (news.kind === 'said') {
    const ignored = firstFinding(windowChecks, { certificate, info: news.info })
    if (ignored !== undefined) return { ...ownJudgement(certificate), askAt, ignored }
    return { ...followed(certificate, news.info, { before, random }), askAt }
  }
  if (before !== undefined && news.kind === 'failed')
    return { ...before, askAt, ignored: bounded(news.detail) }
  const ignored = news.kind === 'failed' ? { ignored: bounded(news.detail) } : {}
  return { ...ownJudgement(certificate), askAt, ...ignored }
}

interface Question {
  readonly certificate: Dated
  readonly info: RenewalInfo
}

const windowChecks: readonly Check<Question, string>[] = [windowIsBackwards, windowBeginsTooLate]

function windowIsBackwards({ info: { start, end } }: Question): string | undefined {
  return start < end ? undefined : `its window ends at ${time(end)} but begins at ${time(start)}`
}

/** Whoever followed it would have no time left to fail. A window in the past is none of those: the CA may revoke soon. */
function windowBeginsTooLate({ certificate, info }: Question): string | undefined {
  if (info.start < latestAt(certificate)) return undefined
  return `its window begins at ${time(info.start)}, when the certificate is all but over`
}

/** The same window keeps the point that was chosen in it. */
function followed(
  certificate: Dated,
  info: RenewalInfo,
  { before, random }: { readonly before: RenewalState | undefined; readonly random: () => number },
): Omit<RenewalState, 'askAt'> {
  const { start, end } = info
  const window = { start: time(start), end: time(end) }
  const isSame = before?.window?.start === window.start && before.window.end === window.end
  const last = Math.min(end, latestAt(certificate))
  const chosen = isSame ? before.renewAt : time(start + Math.floor(random() * (last - start)))
  const explanation = explanationOf(info)
  return { sha256: certificate.sha256, renewAt: chosen, window, ...explanation }
}

function explanationOf({ explanationUrl }: RenewalInfo): { readonly explanationUrl?: string } {
  const isKept = explanationUrl !== undefined && explanationUrl.length <= urlCharactersMax
  return isKept ? { explanationUrl } : {}
}

function ownJudgement(certificate: Dated): Omit<RenewalState, 'askAt'> {
  return { sha256: certificate.sha256, renewAt: time(renewAt(certificate)) }
}

/** Every min(Retry-After, life / 10), and not too often. */
function askAfterMs({ notBefore, notAfter }: Dated, news: RenewalNews): number {
  const asked = news.kind === 'said' ? news.info.retryAfterMs : undefined
  const refused = news.kind === 'failed' ? news.retryAfterMs : undefined
  const part = Math.floor((notAfter - notBefore) / renewalInfoPart)
  const wait = Math.min(asked ?? renewalInfoDefaultMs, part)
  // A CA that had too much is not asked before its time.
  return Math.max(wait, refused ?? 0, renewalInfoLeastMs)
}

/** A tenth of the life is left for orders that fail. */
function latestAt({ notBefore, notAfter }: Dated): number {
  return notAfter - Math.floor((notAfter - notBefore) / renewalInfoPart)
}

function time(ms: number): string {
  return new Date(ms).toISOString()
}

function bounded(detail: string): string {
  return detail.slice(0, detailCharactersMax)
}
