/**
 * Implicit renewal: a certificate with the key of a registered one is let in as its successor, if the very key that signed the
 * registered one signed it too. Names and chains prove nothing: anybody can make an authority of any name.
 *
 * It never gives back what was taken: nothing renews a deleted, disabled or expired registration. Whoever signed himself is
 * nobody's successor, for he could sign himself anything.
 */

import { renewalsPerKeyMax } from '#server/limits.ts'
import { hasCode } from '#shared/errors.ts'
import { type Certificate, readCertificate } from '#shared/pki/certificate.ts'
import type { Presented, RenewalRefusal } from './identity.ts'
import type { Registration } from './registration.ts'
import type { Verify } from './verified.ts'

export interface Renewal {
  readonly predecessor: Registration
  readonly issuer: Certificate
}

/** What the registry knows of the presented key. */
export interface KeyHistory {
  /** Registrations with that key; at least one. */
  readonly registrations: readonly Registration[]
  /** One with that key was deleted, and none was registered anew since. */
  readonly deleted: boolean
}

/**
 * The renewal that the presented certificate is, or why it is none. Verifies few signatures, however many renewals there are: ask only
 * where the thumbprint is unknown.
 */
export function renewalOf(
  presented: Presented,
  { registrations, deleted }: KeyHistory,
  { now, verify }: { readonly now: number; readonly verify: Verify },
): Renewal | RenewalRefusal {
  const isCurrent = (dates: { notBefore: number; notAfter: number }): boolean =>
    dates.notBefore <= now && now <= dates.notAfter
  if (deleted) return 'deleted'
  if (registrations.some(({ disabled }) => disabled)) return 'disabled'
  if (new Set(registrations.map(({ root }) => root)).size > 1) return 'several'
  const current = registrations.filter(isCurrent)
  if (current.length === 0 || !isCurrent(presented.certificate)) return 'expired'
  const renewal = sharedIssuer(presented, current, verify)
  if (renewal === undefined) return 'issuer'
  const renewals = current.filter(({ renewedFrom }) => renewedFrom !== undefined)
  return renewals.length < renewalsPerKeyMax ? renewal : 'many'
}

function sharedIssuer(
  presented: Presented,
  current: readonly Registration[],
  verify: Verify,
): Renewal | undefined {
  const signed = (issuer: Certificate): boolean =>
    issuer.pin !== presented.certificate.pin && verify(presented.certificate, issuer)
  // What is kept was verified when it was written.
  const kept = keptIssuers(current).find(({ issuer }) => signed(issuer))
  if (kept !== undefined) return kept
  const registered = current.filter(({ renewedFrom }) => renewedFrom === undefined)
  const renewals = presented
    .chain()
    .filter(signed)
    .flatMap((issuer) => {
      const predecessor = registered.find((one) => isSignedBy(one, issuer, verify))
      return predecessor === undefined ? [] : [{ predecessor, issuer }]
    })
  return renewals[0]
}

function isSignedBy(registered: Registration, issuer: Certificate, verify: Verify): boolean {
  const certificate = readable(registered.certificate)
  return certificate !== undefined && verify(certificate, issuer)
}

/** Each once, with the first that it signed: the renewals of one certificate mostly have the same. */
function keptIssuers(current: readonly Registration[]): Renewal[] {
  const kept = new Map<string, Renewal>()
  for (const predecessor of current) {
    const key = predecessor.issuer?.toString('latin1')
    if (predecessor.issuer === undefined || key === undefined || kept.has(key)) continue
    const issuer = readable(predecessor.issuer)
    if (issuer !== undefined) kept.set(key, { predecessor, issuer })
  }
  return [...kept.values()]
}

/** Nothing for one that was registered before certificates were read as strictly as now: it is known by its thumbprint, and renewed by nobody. */
function readable(der: Buffer): Certificate | undefined {
  try {
    return readCertificate(der)
  } catch (error) {
    if (hasCode(error, 'CertificateUnreadable')) return undefined
    throw error
  }
}
