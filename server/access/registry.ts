/**
 * Which certificates are known: a projection of the server store's certificates, replaced as a whole whenever they change, and
 * asked anew for every request. Configuration comes first, so that nobody can be locked out of his own server by its content.
 */
import type { Certificate } from '#shared/pki/certificate.ts'
import type { Identity, KnownBy, Presented } from './identity.ts'
import { configuredRegistration, type Registration } from './registration.ts'
import { type Renewal, renewalOf } from './renewal.ts'
import { isWellKnown, type WellKnown, wellKnownIssuerOf } from './well-known.ts'

export interface RegistryContent {
  readonly registrations: readonly Registration[]
  /** Pins of which a registration was deleted, and none registered anew since. */
  readonly deletedPins: ReadonlySet<string>
}

export interface RegistryParts {
  /** Asked at each lookup: a folder of well-known certificates is read live. */
  readonly wellKnown: () => WellKnown
  /** Thumbprint of the server's own certificates that are ClusterAdmin when presented; none unless so configured. */
  readonly serverThumbprints: () => ReadonlySet<string>
}

/** An answer of the registry; `renewal` is still to be recorded. */
export type Found = Identity | { readonly kind: 'renewal'; readonly renewal: Renewal }

export class Registry {
  readonly #parts: RegistryParts
  #byThumbprint: ReadonlyMap<string, Registration> = new Map()
  #byPin: ReadonlyMap<string, readonly Registration[]> = new Map()
  #deletedPins: ReadonlySet<string> = new Set()

  constructor(parts: RegistryParts) {
    this.#parts = parts
  }

  /** Takes the certificates as they are now. */
  replace({ registrations, deletedPins }: RegistryContent): void {
    this.#byThumbprint = new Map(registrations.map((one) => [one.thumbprint, one]))
    this.#byPin = Map.groupBy(registrations, ({ pin }) => pin)
    this.#deletedPins = deletedPins
  }

  /** Who presents this. */
  find(presented: Presented, now: number): Found {
    const { certificate } = presented
    const wellKnown = this.#parts.wellKnown()
    if (this.#parts.serverThumbprints().has(certificate.thumbprint)) {
      return known(
        'server',
        certificate,
        configuredRegistration(certificate, 'Server Certificate', 'ClusterNode'),
      )
    }
    if (isWellKnown(wellKnown, certificate)) {
      const name = 'Well Known Admin Certificate'
      return known(
        'well-known',
        certificate,
        configuredRegistration(certificate, name, 'ClusterAdmin'),
      )
    }
    const registration = this.#byThumbprint.get(certificate.thumbprint)
    // SHA-1 names a certificate; its bytes are what was registered.
    if (registration?.certificate.equals(certificate.der) === true) {
      const how = registration.renewedFrom === undefined ? 'thumbprint' : 'renewal'
      return known(how, certificate, registration)
    }
    return this.#successor(presented, now) ?? this.#issuedByWellKnown(certificate, wellKnown, now)
  }

  #successor(presented: Presented, now: number): Found | undefined {
    const { certificate } = presented
    const deleted = this.#deletedPins.has(certificate.pin)
    const registrations = this.#byPin.get(certificate.pin) ?? []
    if (registrations.length === 0 && !deleted) return undefined
    const renewal = renewalOf(presented, { registrations, deleted }, now)
    return typeof renewal === 'string'
      ? { kind: 'unknown', certificate, renewal }
      : { kind: 'renewal', renewal }
  }

  #issuedByWellKnown(certificate: Certificate, wellKnown: WellKnown, now: number): Identity {
    const issuer = wellKnownIssuerOf(certificate, wellKnown.issuers, now)
    if (issuer === undefined) return { kind: 'unknown', certificate }
    const name = `Well Known Issuer Certificate: ${issuer.subject} - ${issuer.thumbprint}`
    return known(
      'well-known',
      certificate,
      configuredRegistration(certificate, name, 'ClusterAdmin'),
    )
  }
}

function known(how: KnownBy, certificate: Certificate, registration: Registration): Identity {
  return { kind: 'registered', certificate, registration, how }
}
