/**
 * A client certificate that an issuer of cert-manager signs. cert-manager makes the key and renews by itself; what it gives is
 * looked at here, and goes the way of a staged certificate: registered, then written to the Secret that programs use. Pure.
 */
import type { StrongroomCertificate } from '#operator/api/certificate.ts'
import { certManagerIssuer } from '#operator/api/common.ts'
import { names } from '#operator/api/names.ts'
import type { CertManagerIssuerRef } from '#operator/cert-manager/certificate.ts'
import { type CertManagerSeen, type Hindrance, hindrance } from '#operator/cert-manager/progress.ts'
import type { Secret } from '#operator/kube/secret.ts'
import { type TlsMaterial, tlsMaterial } from '#operator/kube/tls-secret.ts'
import { supersededMax } from '#operator/limits.ts'
import { type Check, firstFinding } from '#shared/checks.ts'
import type { Certificate } from '#shared/pki/certificate.ts'

/** What is looked at. */
export interface Arriving {
  readonly nowMs: number
  readonly resource: StrongroomCertificate
  readonly certManager: CertManagerSeen
  /** The Secret that cert-manager fills. */
  readonly issued: Secret | undefined
  /** The certificate that programs use now. */
  readonly current: TlsMaterial
}

/** The issuer of cert-manager that the resource names; nothing where another signs. */
export function issuerOf({
  resource,
}: Pick<Arriving, 'resource'>): CertManagerIssuerRef | undefined {
  return certManagerIssuer(resource.spec.issuerRef)
}

/** What is to be used next: what arrived, once it may be, and once there is room to remember the present one. */
export function arrivedMaterial(seen: Arriving): TlsMaterial {
  const reason = 'SecretInvalid'
  const trouble = hindranceOf(seen)
  if (trouble !== undefined) return { kind: 'unusable', reason, message: trouble.message }
  if (isNewerThere(seen) && !hasRoom(seen))
    return { kind: 'unusable', reason, message: 'The oldest certificate leaves the server first' }
  return arrived(seen)
}

/** Did something arrive that may be used and is not yet? */
export function isNewerThere(seen: Arriving): boolean {
  const { current } = seen
  const found = arrived(seen)
  if (hindranceOf(seen) !== undefined || found.kind === 'unusable') return false
  return current.kind === 'unusable' || current.certificate.sha256 !== found.certificate.sha256
}

function hasRoom({ resource }: Arriving): boolean {
  return (resource.status?.superseded ?? []).length < supersededMax
}

/** Why there is nothing to use, or nothing newer: what cert-manager says, or what is wrong with what it gave. */
export function hindranceOf(seen: Arriving): Hindrance | undefined {
  return hindrance(seen.certManager) ?? firstFinding(arrivalChecks, seen)
}

export const arrivalChecks: readonly Check<Arriving, Hindrance>[] = [
  isUnusable,
  hasExpired,
  isNotForClients,
  nameDiffers,
  keyDiffers,
]

function arrived({ issued, resource }: Arriving): TlsMaterial {
  return tlsMaterial(issued, names.certManagerClient(resource.metadata.name))
}

function certificateIn(seen: Arriving): Certificate {
  const found = arrived(seen)
  if (found.kind === 'unusable') throw new TypeError('the checks stand in their order')
  return found.certificate
}

function isUnusable(seen: Arriving): Hindrance | undefined {
  const found = arrived(seen)
  return found.kind === 'unusable' ? unfit(found.reason, found.message) : undefined
}

function hasExpired(seen: Arriving): Hindrance | undefined {
  const { notAfter } = certificateIn(seen)
  if (notAfter > seen.nowMs) return undefined
  const when = new Date(notAfter).toISOString()
  return unfit('CertificateExpired', `What cert-manager issued expired ${when}`)
}

function isNotForClients(seen: Arriving): Hindrance | undefined {
  return certificateIn(seen).allowsClientAuth
    ? undefined
    : unfit('WrongUsage', 'The issuer leaves clientAuth out of the extended key usage')
}

function nameDiffers(seen: Arriving): Hindrance | undefined {
  const { commonName } = certificateIn(seen)
  const wanted = seen.resource.spec.commonName
  if (commonName === wanted) return undefined
  return unfit('NameDiffers', `The issuer wrote common name "${commonName}" and not "${wanted}"`)
}

function keyDiffers(seen: Arriving): Hindrance | undefined {
  const wanted = { RSA: 'rsa', ECDSA: 'ec' }[seen.resource.spec.privateKey?.algorithm ?? 'RSA']
  const found = certificateIn(seen).publicKey.asymmetricKeyType
  return found === wanted ? undefined : unfit('KeyDiffers', `The key is ${found} and not ${wanted}`)
}

function unfit(reason: string, message: string): Hindrance {
  return { kind: 'wait', reason, message }
}
