/** Must another public certificate be ordered, and why: an ordered list of checks; the first that fires is the reason. Pure. */
import type { Strongroom } from '#operator/api/strongroom.ts'
import { annotation } from '#operator/kube/labels.ts'
import { type Check, firstFinding } from '#shared/checks.ts'
import type { Certificate } from '#shared/pki/certificate.ts'
import { canonicalName } from '#shared/pki/names.ts'
import type { HeldCertificate } from './held.ts'

export interface OrderQuestion {
  readonly cluster: Strongroom
  readonly held: HeldCertificate | undefined
  /** Kind and name of the issuer that is declared. */
  readonly issuer: string
  /** Names that the certificate covers, all and no others. */
  readonly names: readonly string[]
  readonly nowMs: number
  /** By the CA's word, or two thirds of its life. */
  readonly renewAtMs: number
}

export type OrderReason =
  | 'Missing'
  | 'IncorrectIssuer'
  | 'NamesDiffer'
  | 'Expired'
  | 'Revoked'
  | 'RenewalAsked'
  | 'Renewing'

const orderChecks: readonly Check<OrderQuestion, OrderReason>[] = [
  certificateIsMissing,
  issuerIsAnother,
  namesDiffer,
  certificateHasExpired,
  certificateIsRevoked,
  renewalIsAsked,
  renewalIsDue,
]

/** Nothing where it may stay. */
export function orderReason(question: OrderQuestion): OrderReason | undefined {
  return firstFinding(orderChecks, question)
}

/** Is it still what is declared? Then a renewal that fails is no outage yet. */
export function isStillGood(reason: OrderReason): boolean {
  return reason === 'Renewing' || reason === 'RenewalAsked'
}

/** What `strongroom.dev/revoke` asks for, where it is about the certificate that is held. */
export function revocationAsked(
  { metadata }: Strongroom,
  held: HeldCertificate | undefined,
): { readonly reason: number } | undefined {
  const [sha256, word] = metadata.annotations?.[annotation.revoke]?.trim().split(/\s+/) ?? []
  if (held === undefined || sha256?.toLowerCase() !== held.certificate.sha256) return undefined
  return { reason: revocationReasons[word ?? 'unspecified'] ?? 0 }
}

/** RFC 5280 section 5.3.1, those that a CA takes from a subscriber. */
const revocationReasons: Readonly<Record<string, number>> = {
  unspecified: 0,
  keyCompromise: 1,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
}

function certificateIsMissing({ held }: OrderQuestion): OrderReason | undefined {
  return held === undefined ? 'Missing' : undefined
}

function issuerIsAnother({ held, issuer }: OrderQuestion): OrderReason | undefined {
  return held?.issuer === issuer ? undefined : 'IncorrectIssuer'
}

function namesDiffer({ held, names }: OrderQuestion): OrderReason | undefined {
  return held !== undefined && isSameSet(namesOf(held.certificate), names)
    ? undefined
    : 'NamesDiffer'
}

function certificateHasExpired({ held, nowMs }: OrderQuestion): OrderReason | undefined {
  return held !== undefined && held.certificate.notAfter <= nowMs ? 'Expired' : undefined
}

function certificateIsRevoked({ cluster, held }: OrderQuestion): OrderReason | undefined {
  const isAsked = revocationAsked(cluster, held) !== undefined
  return held?.revoked === true || isAsked ? 'Revoked' : undefined
}

/** CAs date certificates back, so the time of a request does not say which certificate answered it. */
function renewalIsAsked({ cluster, held }: OrderQuestion): OrderReason | undefined {
  const asked = cluster.metadata.annotations?.[annotation.renew]
  if (asked === undefined || held === undefined || held.renewed === asked) return undefined
  return 'RenewalAsked'
}

function renewalIsDue({ nowMs, renewAtMs }: OrderQuestion): OrderReason | undefined {
  return nowMs >= renewAtMs ? 'Renewing' : undefined
}

function namesOf({ dnsNames, ipAddresses }: Certificate): readonly string[] {
  return [...dnsNames, ...ipAddresses]
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  const [left, right] = [a, b].map((names) => new Set(names.map(canonicalName)))
  return left?.size === right?.size && [...(left ?? [])].every((name) => right?.has(name))
}
