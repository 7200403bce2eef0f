/**
 * Every member that a body describing a certificate may have, and what becomes of it: it is read, or refused with a reason. Nothing is
 * accepted and then ignored; a member that stands in no table is refused, for it may be a misspelt restriction.
 */
import { isDeepStrictEqual } from 'node:util'
import { accessErrors } from '#server/access/errors.ts'
import { nearestOf } from '#shared/nearest.ts'

export type Members = Readonly<Record<string, unknown>>

/**
 * `read`: has an effect. `unbuilt`: would restrict the certificate, and is not there yet. `shown`: an answer has it, and clients send
 * answers back; it may say what is so already, or nothing.
 */
export type Treatment = 'read' | 'unbuilt' | 'shown'
export type MemberTable = Readonly<Record<string, Treatment>>

const common = {
  Name: 'read',
  SecurityClearance: 'read',
  SecurityClearanceExpiration: 'read',
  Permissions: 'read',
  PermissionExpirations: 'read',
  NotBefore: 'read',
  NotAfter: 'read',
  Disabled: 'read',
  Usage: 'read',
  TwoFactorAuthenticationKey: 'unbuilt',
  SsoIdentifiers: 'unbuilt',
  SsoServerPublicKeyPinningHashes: 'unbuilt',
  AllowAnySsoServer: 'unbuilt',
  PublicKeyPinningHash: 'shown',
  CollectionPrimaryKey: 'shown',
  CollectionSecondaryKeys: 'shown',
  HasTwoFactor: 'shown',
  TwoFactorExpirationDate: 'shown',
} as const satisfies MemberTable

/** By what the body asks for. */
export const certificateMembers = {
  generate: { ...common, Password: 'read', Certificate: 'shown', Thumbprint: 'shown' },
  register: { ...common, Password: 'read', Certificate: 'read', Thumbprint: 'shown' },
  edit: { ...common, Thumbprint: 'read', Certificate: 'shown' },
} as const satisfies Readonly<Record<string, MemberTable>>

/** Throws `CertificateMemberUnknown` and `CertificateFeatureMissing`; answers what the body says of `shown` members. */
export function demandKnownMembers(members: Members, table: MemberTable): Members {
  const names = Object.keys(members)
  const unknown = names.find((name) => !Object.hasOwn(table, name))
  if (unknown !== undefined) {
    const nearest = nearestOf(unknown, Object.keys(table)) ?? ''
    throw accessErrors.CertificateMemberUnknown(unknown.slice(0, 60), nearest)
  }
  const missing = names.find((name) => table[name] === 'unbuilt' && isSaid(members[name]))
  if (missing !== undefined) throw accessErrors.CertificateFeatureMissing(missing)
  const claims = names.filter((name) => table[name] === 'shown' && isSaid(members[name]))
  return Object.fromEntries(claims.map((name) => [name, members[name]]))
}

/** What a body says of `shown` members must be what an answer shows. Throws `CertificateMemberFixed`. */
export function demandAsShown(claims: Members, shown: Members): void {
  const changed = Object.keys(claims).find((name) => !isDeepStrictEqual(claims[name], shown[name]))
  if (changed !== undefined) throw accessErrors.CertificateMemberFixed(changed)
}

/** Clients send empty lists, nulls and `false` for what nobody asked for. */
export function isSaid(value: unknown): boolean {
  const isEmptyList = Array.isArray(value) && value.length === 0
  return value !== undefined && value !== null && value !== '' && value !== false && !isEmptyList
}
