/** A certificate that the server knows, and what it may do. */
import type { Certificate } from '#shared/pki/certificate.ts'
import type { Clearance } from './actions.ts'
import { accessTo, includesAccess, type Permissions } from './permissions.ts'

/** Rights of a certificate; the permissions count for a ValidUser only. Ends are milliseconds since 1970. */
export interface Rights {
  readonly clearance: Clearance
  readonly permissions: Permissions
  /** From then on the clearance counts as ValidUser. Left out: never. */
  readonly clearanceExpiration?: number
  /** By name as in `permissions`: from then on there is no access to that database. A name left out: never. */
  readonly permissionExpirations?: Readonly<Record<string, number>>
}

/** What is left of the rights at that moment. */
export type RightsInForce = Pick<Rights, 'clearance' | 'permissions'>

/** Narrows when a certificate counts, for all of its family; each left out where the certificate's own dates do. */
export interface ValidityLimits {
  readonly validFrom?: number
  readonly validUntil?: number
}

export interface Registration extends Rights, ValidityLimits {
  readonly name: string
  /** 40 upper-case hex digits. */
  readonly thumbprint: string
  /** Base64 SHA-256 of the public key. */
  readonly pin: string
  /** DER. */
  readonly certificate: Buffer
  /** DER of the authority that signed it, where that is known: what a renewal must be signed by too. */
  readonly issuer: Buffer | undefined
  /** From when to when it counts, in milliseconds since 1970: dates of the certificate, or what narrows them. */
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

/** The rights that count at `now`: what has ended is absent, and an ended clearance is that of a ValidUser. */
export function rightsAt(rights: Rights, now: number): RightsInForce {
  const { clearance, permissions, clearanceExpiration, permissionExpirations } = rights
  const hasClearance = clearanceExpiration === undefined || now < clearanceExpiration
  return {
    clearance: hasClearance ? clearance : 'ValidUser',
    permissions:
      permissionExpirations === undefined
        ? permissions
        : withoutEnded(permissions, new Map(Object.entries(permissionExpirations)), now),
  }
}

function withoutEnded(
  permissions: Permissions,
  ends: ReadonlyMap<string, number>,
  now: number,
): Permissions {
  const left = Object.entries(permissions).filter(
    ([name]) => now < (ends.get(name) ?? Number.POSITIVE_INFINITY),
  )
  return Object.fromEntries(left)
}

/** From when to when, the end excluded, nothing of a registration that counts at `now` changes by itself. */
export function validityAt(
  { notBefore, notAfter, clearanceExpiration, permissionExpirations = {} }: Registration,
  now: number,
): { readonly from: number; readonly until: number } {
  const ends = [clearanceExpiration ?? now, ...Object.values(permissionExpirations)]
  // Certificates are valid at the very instant that they end with.
  return { from: notBefore, until: Math.min(notAfter + 1, ...ends.filter((end) => end > now)) }
}

/** Whether something that was allowed is not any more; nothing stands for whoever is not let in. */
export function losesRights(before: RightsInForce, after: RightsInForce | undefined): boolean {
  if (after === undefined || clearanceRank(after) < clearanceRank(before)) return true
  if (isOperator(after)) return false
  return Object.entries(before.permissions).some(([database, access]) => {
    const left = accessTo(after.permissions, database)
    return left === undefined || !includesAccess(left, access)
  })
}

function clearanceRank(rights: RightsInForce): number {
  if (isClusterAdmin(rights)) return 2
  return isOperator(rights) ? 1 : 0
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
