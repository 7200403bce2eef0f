/**
 * Implicit renewal: a certificate with the key of a registered one is let in as its successor, if the very key that signed the
 * registered one signed it too. Names and chains prove nothing: anybody can make an authority of any name.
 *
 * It never gives back what was taken: nothing renews a deleted, disabled or expired registration. Whoever signed himself is
 * nobody's successor, for he could sign himself anything.
 */
import { hasCode } from '#shared/errors.ts'
import { type Certificate, readCertificate, verifyIssuedBy } from '#shared/pki/certificate.ts'
import type { Presented, RenewalRefusal } from './identity.ts'
import type { Registration } from './registration.ts'

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

/** The renewal that the presented certificate is, or why it is none. Verifies signatures: ask only where the thumbprint is unknown. */
export function renewalOf(
  presented: Presented,
  { registrations, deleted }: KeyHistory,
  now: number,
): Renewal | RenewalRefusal {
  const isCurrent = (dates: { notBefore: number; notAfter: number }): boolean =>
    dates.notBefore <= now && now <= dates.notAfter
  if (deleted) return 'deleted'
  if (registrations.some(({ disabled }) => disabled)) return 'disabled'
  if (new Set(registrations.map(({ root }) => root)).size > 1) return 'several'
  const current = registrations.filter(isCurrent)
  if (current.length === 0 || !isCurrent(presented.certificate)) return 'expired'
  for (const predecessor of current) {
    const issuer = commonIssuer(presented, predecessor)
    if (issuer !== undefined) return { predecessor, issuer }
  }
  return 'issuer'
}

function commonIssuer(presented: Presented, predecessor: Registration): Certificate | undefined {
  const old = readable(predecessor.certificate)
  const kept = predecessor.issuer === undefined ? undefined : readable(predecessor.issuer)
  if (old === undefined) return undefined
  return [...(kept === undefined ? [] : [kept]), ...presented.chain()].find(
    (issuer) =>
      issuer.pin !== old.pin &&
      verifyIssuedBy(old, issuer) &&
      verifyIssuedBy(presented.certificate, issuer),
  )
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
