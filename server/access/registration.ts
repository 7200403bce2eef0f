/** A certificate that the server knows, and what it may do. */
import type { Certificate } from '#shared/pki/certificate.ts'
import type { Clearance } from './actions.ts'
import type { Permissions } from './permissions.ts'

/** Rights of a certificate; the permissions count for a ValidUser only. */
export interface Rights {
  readonly clearance: Clearance
  readonly permissions: Permissions
}

export interface Registration extends Rights {
  readonly name: string
  /** 40 upper-case hex digits. */
  readonly thumbprint: string
  /** Base64 SHA-256 of the public key. */
  readonly pin: string
  /** DER. */
  readonly certificate: Buffer
  /** DER of the authority that signed it, where that is known: what a renewal must be signed by too. */
  readonly issuer: Buffer | undefined
  /** Milliseconds since 1970. */
  readonly notBefore: number
  readonly notAfter: number
  readonly disabled: boolean
  /** Thumbprint of the one that this renews, where it came by implicit renewal. */
  readonly renewedFrom: string | undefined
  /** Thumbprint of the one that somebody registered: its own, that of the one it renews, or that of the first of its collection. */
  readonly root: string
}

/** ClusterNode is what RavenDB calls a member's certificate; its rights are the same. */
export function isClusterAdmin({ clearance }: Pick<Rights, 'clearance'>): boolean {
  return clearance === 'ClusterAdmin' || clearance === 'ClusterNode'
}

/** ClusterAdmin or Operator: has every right on every database. */
export function isOperator(rights: Pick<Rights, 'clearance'>): boolean {
  return rights.clearance === 'Operator' || isClusterAdmin(rights)
}

/** The registration of what the configuration trusts. */
export function configuredRegistration(
  certificate: Certificate,
  name: string,
  clearance: 'ClusterAdmin' | 'ClusterNode',
): Registration {
  const { thumbprint, pin, der, notBefore, notAfter } = certificate
  const rights = { clearance, permissions: {}, disabled: false }
  const family = { root: thumbprint, renewedFrom: undefined }
  const facts = { name, thumbprint, pin, certificate: der, issuer: undefined }
  return { ...facts, ...rights, ...family, notBefore, notAfter }
}
