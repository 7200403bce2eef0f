/** Certificates and issuers that the configuration itself trusts as ClusterAdmin. */
import { rootCertificates } from 'node:tls'
import { type Certificate, readCertificate, verifyIssuedBy } from '#shared/pki/certificate.ts'
import { accessErrors } from './errors.ts'

export interface WellKnown {
  /** Thumbprints, upper case. */
  readonly thumbprints: ReadonlySet<string>
  /** Whoever they signed is an admin. */
  readonly issuers: readonly Certificate[]
}

export const nobodyWellKnown: WellKnown = { thumbprints: new Set(), issuers: [] }

/** Thumbprints from `Security.WellKnownCertificates.Admin`: separated by semicolons or commas. Throws `WellKnownInvalid`. */
export function parseThumbprints(setting: string): ReadonlySet<string> {
  const parts = setting.split(/[;,]/).map((part) => part.replace(/[\s:]/g, '').toUpperCase())
  const thumbprints = parts.filter((part) => part !== '')
  const wrong = thumbprints.find((thumbprint) => !/^[0-9A-F]{40}$/.test(thumbprint))
  if (wrong !== undefined) {
    throw accessErrors.WellKnownInvalid(
      `"${wrong.slice(0, 60)}" is no SHA-1 thumbprint of 40 hex digits`,
    )
  }
  return new Set(thumbprints)
}

/**
 * Issuers for `Security.WellKnownIssuers.Admin`. Throws `WellKnownInvalid` for what is no authority, and for a public one: everybody can
 * get a certificate from those, and would be an admin.
 */
export function demandPrivateIssuers(issuers: readonly Certificate[]): readonly Certificate[] {
  const publicRoots = issuers.length === 0 ? [] : readRoots()
  for (const issuer of issuers) {
    if (!issuer.isAuthority)
      throw accessErrors.WellKnownInvalid(`${issuer.subject} is no authority`)
    const isPublic = publicRoots.some(
      (root) => root.pin === issuer.pin || verifyIssuedBy(issuer, root),
    )
    if (isPublic)
      throw accessErrors.WellKnownInvalid(`${issuer.subject} signs certificates for the public`)
  }
  return issuers
}

/** The well-known issuer that signed it and is current. */
export function wellKnownIssuerOf(
  certificate: Certificate,
  issuers: readonly Certificate[],
  now: number,
): Certificate | undefined {
  return issuers.find(
    (issuer) =>
      issuer.notBefore <= now && now <= issuer.notAfter && verifyIssuedBy(certificate, issuer),
  )
}

function readRoots(): Certificate[] {
  return rootCertificates.map((pem) =>
    readCertificate(Buffer.from(pem.replace(/-----[A-Z ]+-----/g, ''), 'base64')),
  )
}
