/** What the audit log says of a change of certificates. Pure. */
import type { Rights, ValidityLimits } from '#server/access/registration.ts'
import { ravenDate } from '#shared/clock.ts'

export function nameFacts({ thumbprint }: { readonly thumbprint: string }, name: string) {
  return { certificate: thumbprint, name }
}

/** `orders:Read` for each database, with the end of what ends. */
export function grantFacts({
  clearance,
  permissions,
  clearanceExpiration,
  permissionExpirations,
}: Rights) {
  const ends = new Map(Object.entries(permissionExpirations ?? {}))
  const databases = Object.entries(permissions).map(([name, access]) => {
    const end = ends.get(name)
    return end === undefined ? `${name}:${access}` : `${name}:${access} until ${ravenDate(end)}`
  })
  const until =
    clearanceExpiration === undefined ? {} : { clearanceUntil: ravenDate(clearanceExpiration) }
  return { clearance, permissions: databases.join(' '), ...until }
}

export function dateFacts({ validFrom, validUntil }: ValidityLimits) {
  return {
    ...(validFrom === undefined ? {} : { validFrom: ravenDate(validFrom) }),
    ...(validUntil === undefined ? {} : { validUntil: ravenDate(validUntil) }),
  }
}
