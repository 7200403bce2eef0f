/** Certificates and issuers that the configuration itself trusts as ClusterAdmin. */
import { readFile } from 'node:fs/promises'
import { rootCertificates } from 'node:tls'
import { type Certificate, readCertificates, verifyIssuedBy } from '#shared/pki/certificate.ts'
import { accessErrors } from './errors.ts'
import type { Verify } from './verified.ts'

export interface WellKnown {
  /** Thumbprints, upper case. */
  readonly thumbprints: ReadonlySet<string>
  /** Certificates by the SHA-256 of all their bytes. */
  readonly certificates: ReadonlyMap<string, Certificate>
  /** Whoever they signed is an admin. */
  readonly issuers: readonly Certificate[]
}

export const nobodyWellKnown: WellKnown = {
  thumbprints: new Set(),
  certificates: new Map(),
  issuers: [],
}

/** True for a certificate that is itself well known. */
export function isWellKnown({ thumbprints, certificates }: WellKnown, one: Certificate): boolean {
  return certificates.has(one.sha256) || thumbprints.has(one.thumbprint)
}

/** Thumbprints of all that are, each once. */
export function wellKnownThumbprints({ thumbprints, certificates }: WellKnown): readonly string[] {
  return [...new Set([...thumbprints, ...[...certificates.values()].map((one) => one.thumbprint)])]
}

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
 * Issuers from `Security.WellKnownIssuers.Admin`: base64 of DER, or paths of DER or PEM files, separated by semicolons. Throws
 * `WellKnownInvalid` for what cannot be read, for what is no authority, and for a public one: everybody can get a certificate from
 * those, and would be an admin.
 */
export async function readIssuers(setting: string): Promise<readonly Certificate[]> {
  const parts = setting.split(';').map((part) => part.trim())
  const read = await Promise.all(parts.filter((part) => part !== '').map(certificatesOf))
  const issuers = read.flat()
  const publicRoots = issuers.length === 0 ? [] : readRoots()
  for (const issuer of issuers) demandPrivate(issuer, publicRoots)
  return issuers
}

async function certificatesOf(part: string): Promise<Certificate[]> {
  try {
    // DER of a certificate always begins so; no sensible path does.
    const isBase64 = /^MI[A-Za-z0-9+/\s]+={0,2}$/.test(part)
    return readCertificates(isBase64 ? Buffer.from(part, 'base64') : await readFile(part))
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it cannot be read'
    throw accessErrors.WellKnownInvalid(`issuer "${part.slice(0, 60)}": ${why}`)
  }
}

function demandPrivate(issuer: Certificate, publicRoots: readonly Certificate[]): void {
  if (!issuer.isAuthority) throw accessErrors.WellKnownInvalid(`${issuer.subject} is no authority`)
  const isPublic = publicRoots.some(
    (root) => root.pin === issuer.pin || verifyIssuedBy(issuer, root),
  )
  if (!isPublic) return
  throw accessErrors.WellKnownInvalid(`${issuer.subject} signs certificates for the public`)
}

/** The well-known issuer that signed it and is current. */
export function wellKnownIssuerOf(
  certificate: Certificate,
  issuers: readonly Certificate[],
  { now, verify }: { readonly now: number; readonly verify: Verify },
): Certificate | undefined {
  return issuers.find(
    (issuer) => issuer.notBefore <= now && now <= issuer.notAfter && verify(certificate, issuer),
  )
}

function readRoots(): Certificate[] {
  return rootCertificates.flatMap((pem) => readCertificates(Buffer.from(pem)))
}
