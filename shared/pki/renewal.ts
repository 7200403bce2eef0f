/** Must this certificate be replaced, and why: an ordered list of checks, the same for servers, clients and the operator. */
import { type Check, firstFinding } from '#shared/checks.ts'
import type { Certificate } from './certificate.ts'
import { covers } from './names.ts'

export interface RenewalQuestion {
  /** With its key beside it; nothing where there is none, or none of which the key is there. */
  readonly certificate: Certificate | undefined
  readonly nowMs: number
  /** Names that a server certificate must cover; none for a client's. */
  readonly names: readonly string[]
  /** The issuer that should have signed it; nothing where any will do. */
  readonly isIssuedByUs: (certificate: Certificate) => boolean
}

export type RenewalReason = 'Missing' | 'IncorrectIssuer' | 'NamesMissing' | 'Expired' | 'Renewing'

export const renewalChecks: readonly Check<RenewalQuestion, RenewalReason>[] = [
  certificateIsMissing,
  issuerIsAnother,
  namesAreMissing,
  certificateHasExpired,
  twoThirdsAreOver,
]

/** Nothing where it may stay. */
export function renewalReason(question: RenewalQuestion): RenewalReason | undefined {
  return firstFinding(renewalChecks, question)
}

/** When two thirds of its actual life are over. */
export function renewAt({
  notBefore,
  notAfter,
}: Pick<Certificate, 'notBefore' | 'notAfter'>): number {
  return notBefore + Math.floor(((notAfter - notBefore) * 2) / 3)
}

function certificateIsMissing({ certificate }: RenewalQuestion): RenewalReason | undefined {
  return certificate === undefined ? 'Missing' : undefined
}

function issuerIsAnother({
  certificate,
  isIssuedByUs,
}: RenewalQuestion): RenewalReason | undefined {
  return certificate === undefined || isIssuedByUs(certificate) ? undefined : 'IncorrectIssuer'
}

function namesAreMissing({ certificate, names }: RenewalQuestion): RenewalReason | undefined {
  const isCovered = (name: string) => certificate !== undefined && covers(certificate, name)
  return names.every(isCovered) ? undefined : 'NamesMissing'
}

function certificateHasExpired({ certificate, nowMs }: RenewalQuestion): RenewalReason | undefined {
  return certificate !== undefined && certificate.notAfter <= nowMs ? 'Expired' : undefined
}

function twoThirdsAreOver({ certificate, nowMs }: RenewalQuestion): RenewalReason | undefined {
  return certificate !== undefined && renewAt(certificate) <= nowMs ? 'Renewing' : undefined
}
