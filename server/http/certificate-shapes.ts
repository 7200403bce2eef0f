/** Certificates as RavenDB's clients read them. The order of the members is RavenDB's. */

import type { Registration } from '#server/access/registration.ts'
import type { CertificateEntry } from '#server/system/certificate-families.ts'
import { registrationOf } from '#server/system/certificate-records.ts'
import { ravenDate } from '#shared/clock.ts'

export type Shape = Readonly<Record<string, unknown>>

/** One item of a list. */
export function certificateShape({ record, secondaryThumbprints }: CertificateEntry): Shape {
  return shape(registrationOf(record), secondaryThumbprints, 'Client')
}

/** Without the certificate itself. */
export function metadataShape({ Certificate: _certificate, ...metadata }: Shape): Shape {
  return metadata
}

/** What the configuration trusts, as an item: there is no record of it. */
export function configuredShape(
  registration: Registration,
  usage: 'Client' | 'RavenServer',
): Shape {
  return shape(registration, [], usage)
}

/** The answer to the question who one is. */
export function ownShape(item: Shape): Shape {
  return { ...item, HasTwoFactor: false, TwoFactorExpirationDate: null }
}

function shape(registration: Registration, secondary: readonly string[], usage: string): Shape {
  const { name, thumbprint, clearance, permissions, pin, certificate } = registration
  return {
    Name: name,
    Thumbprint: thumbprint,
    SecurityClearance: clearance,
    Permissions: permissions,
    NotAfter: ravenDate(registration.notAfter),
    NotBefore: ravenDate(registration.notBefore),
    ...ends(registration),
    CollectionSecondaryKeys: secondary,
    CollectionPrimaryKey: '',
    PublicKeyPinningHash: pin,
    Disabled: registration.disabled,
    Usage: usage,
    SsoServerPublicKeyPinningHashes: [],
    AllowAnySsoServer: false,
    SsoIdentifiers: [],
    Certificate: certificate.toString('base64'),
  }
}

/** Ours, and there only where rights end: RavenDB's clients know no such members. */
function ends({ clearanceExpiration, permissionExpirations }: Registration): Shape {
  const permissions = Object.entries(permissionExpirations ?? {})
  return {
    ...(clearanceExpiration === undefined
      ? {}
      : { SecurityClearanceExpiration: ravenDate(clearanceExpiration) }),
    ...(permissions.length === 0
      ? {}
      : {
          PermissionExpirations: Object.fromEntries(
            permissions.map(([name, end]) => [name, ravenDate(end)]),
          ),
        }),
  }
}
