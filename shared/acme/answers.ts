/** The CA's answers as the port gives them: read once, so that nobody inside meets a missing member. */
import { canonicalName } from '#shared/pki/names.ts'
import type { Account, Authorization, OfferedChallenge, Order, RenewalInfo } from './acme-api.ts'
import type { HttpsAnswer } from './https.ts'
import { urlCharactersMax } from './limits.ts'
import { problemOf, retryAfterMs, senseless } from './problem.ts'
import { type WireChallenge, wire } from './wire.ts'

/** `url`: where it lies, unless the answer says so itself. Throws `AcmeProblem` where there is none of either. */
export function orderOf(answer: HttpsAnswer, url: string | undefined, nowMs: number): Order {
  const said = wire.order.read(textOf(answer))
  const place = locationOf(answer) ?? url
  if (said === undefined || place === undefined)
    throw senseless(answer.status, 'the answer is no order')
  return {
    url: place,
    status: said.status,
    expiresAt: momentOf(said.expires),
    authorizations: said.authorizations ?? [],
    finalize: said.finalize,
    certificate: said.certificate,
    problem: said.error && problemOf(said.error),
    retryAfterMs: retryAfterMs(answer.headers, nowMs),
  }
}

export function authorizationOf(answer: HttpsAnswer, nowMs: number): Authorization {
  const said = wire.authorization.read(textOf(answer))
  if (said === undefined) throw senseless(answer.status, 'the answer is no authorization')
  const name = canonicalName(said.identifier.value)
  return {
    status: said.status,
    name: said.wildcard === true ? `*.${name}` : name,
    challenges: (said.challenges ?? []).flatMap(challengeOf),
    retryAfterMs: retryAfterMs(answer.headers, nowMs),
  }
}

/** `url`: the account's, unless the answer says so itself. */
export function accountOf(answer: HttpsAnswer, url?: string): Account {
  const said = wire.account.read(textOf(answer))
  const place = locationOf(answer) ?? url
  if (said === undefined || place === undefined)
    throw senseless(answer.status, 'the answer is no account')
  return { url: place, status: said.status, contact: said.contact ?? [] }
}

export function renewalInfoOf(answer: HttpsAnswer, nowMs: number): RenewalInfo {
  const said = wire.renewalInfo.read(textOf(answer))
  const start = momentOf(said?.suggestedWindow.start)
  const end = momentOf(said?.suggestedWindow.end)
  if (start === undefined || end === undefined)
    throw senseless(answer.status, 'the renewal information names no window')
  return {
    start,
    end,
    explanationUrl: said?.explanationURL,
    retryAfterMs: retryAfterMs(answer.headers, nowMs),
  }
}

/** URLs of `Link: <…>; rel="alternate"` (RFC 8288), made whole. */
export function alternates(answer: HttpsAnswer, url: string): string[] {
  const link = answer.headers.link
  const text = Array.isArray(link) ? link.join(', ') : (link ?? '')
  return [...text.matchAll(/<([^>]*)>([^<]*)/g)]
    .filter(([, , parameters = '']) => /;\s*rel="?alternate"?(?=[\s;,]|$)/i.test(parameters))
    .flatMap(([, target = '']) => URL.parse(target, url)?.href ?? [])
}

function challengeOf(said: WireChallenge): OfferedChallenge[] {
  const { type, url, token, status, error } = said
  if (url === undefined || token === undefined || !/^[\w-]+$/.test(token)) return []
  return [{ type, url, token, status, problem: error && problemOf(error) }]
}

/** One that is too long to be kept is none. */
function locationOf({ headers: { location } }: HttpsAnswer): string | undefined {
  return location !== undefined && location.length <= urlCharactersMax ? location : undefined
}

function textOf({ body }: HttpsAnswer): string {
  return body.toString('utf8')
}

function momentOf(text: string | undefined): number | undefined {
  const moment = Date.parse(text ?? '')
  return Number.isNaN(moment) ? undefined : moment
}
