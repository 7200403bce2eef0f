/** The public certificate that an issuer gave for the cluster, with what was written down beside it. */
import { names } from '#operator/api/names.ts'
import type { PublicCertificate } from '#operator/api/strongroom.ts'
import type { Metadata } from '#operator/kube/kube.ts'
import { annotation } from '#operator/kube/labels.ts'
import type { Secret } from '#operator/kube/secret.ts'
import { type TlsMaterial, tlsMaterial } from '#operator/kube/tls-secret.ts'
import type { Certificate } from '#shared/pki/certificate.ts'

export interface HeldCertificate {
  readonly certificate: Certificate
  /** Kind and name of the issuer that gave it; nothing where it came from elsewhere. */
  readonly issuer: string | undefined
  /** How often an issuer gave one for this Secret. */
  readonly revision: number
  /** The request to renew (`strongroom.dev/renew`) that it answered. */
  readonly renewed: string | undefined
  /** The CA revoked it on demand. */
  readonly revoked: boolean
}

/** Nothing where there is none that could be served. */
export function heldCertificate(
  secret: Secret | undefined,
  cluster: string,
): HeldCertificate | undefined {
  return heldIn(tlsMaterial(secret, names.issuedTls(cluster)), secret)
}

/** The same from what was found in the Secret. */
export function heldIn(
  found: TlsMaterial,
  secret: Secret | undefined,
): HeldCertificate | undefined {
  if (found.kind === 'unusable') return undefined
  const { certificate } = found
  const notes = secret?.metadata.annotations ?? {}
  const isNoted = notes[annotation.sha256] === certificate.sha256
  return {
    certificate,
    issuer: isNoted ? notes[annotation.issuer] : undefined,
    revision: Number(notes[annotation.revision] ?? 0) || 0,
    renewed: notes[annotation.renewed],
    revoked: notes[annotation.revoked] === certificate.sha256,
  }
}

/** What is written beside a certificate, so that it is found again by whoever comes after the resource that it was ordered for. */
export function notesFor(held: HeldCertificate): NonNullable<Metadata['annotations']> {
  const { certificate, issuer, revision, renewed, revoked } = held
  return {
    ...(issuer === undefined ? {} : { [annotation.issuer]: issuer }),
    [annotation.sha256]: certificate.sha256,
    [annotation.notAfter]: new Date(certificate.notAfter).toISOString(),
    [annotation.revision]: String(revision),
    ...(renewed === undefined ? {} : { [annotation.renewed]: renewed }),
    ...(revoked ? { [annotation.revoked]: certificate.sha256 } : {}),
  }
}

/** As status shows it. `before`: what status knows already, of whichever certificate. */
export function publicCertificate(
  { certificate, issuer = '', revision, revoked }: HeldCertificate,
  {
    renewAtMs,
    before,
  }: { readonly renewAtMs: number; readonly before?: PublicCertificate | undefined },
): PublicCertificate {
  const { sha256 } = certificate
  const known = before?.sha256 === sha256 ? before : undefined
  return {
    issuer,
    sha256,
    notAfter: new Date(certificate.notAfter).toISOString(),
    renewAt: new Date(renewAtMs).toISOString(),
    revision,
    ...(revoked ? { revoked } : {}),
    ...(known?.renewal === undefined ? {} : { renewal: known.renewal }),
  }
}
