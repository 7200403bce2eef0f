/**
 * Which certificates are known: a projection of the server store's certificates that follows each of their changes, and is asked anew
 * for every request. Configuration comes first, so that nobody can be locked out of his own server by its content.
 */
import type { Certificate } from '#shared/pki/certificate.ts'
import type { Identity, KnownBy, Presented, RenewalRefusal } from './identity.ts'
import { configuredRegistration, type Registration } from './registration.ts'
import { type Renewal, renewalOf } from './renewal.ts'
import { rememberedVerification, type Verify } from './verified.ts'
import { isWellKnown, type WellKnown, wellKnownIssuerOf } from './well-known.ts'

export interface RegistryContent {
  readonly registrations: readonly Registration[]
  /** Pins of which a registration was deleted, and none registered anew since. */
  readonly deletedPins: ReadonlySet<string>
}

/** What became of some of the content. */
export interface RegistryChange {
  /** New ones, and those that are different now. */
  readonly registered: readonly Registration[]
  /** Thumbprints. */
  readonly removed: readonly string[]
  /** All, as they are now. */
  readonly deletedPins: ReadonlySet<string>
}

export interface RegistryParts {
  /** Asked at each lookup: a folder of well-known certificates is read live. */
  readonly wellKnown: () => WellKnown
  /** Thumbprint of the server's own certificates that are ClusterAdmin when presented; none unless so configured. */
  readonly serverThumbprints: () => ReadonlySet<string>
  /** Tests count what is verified. */
  readonly verify?: Verify
}

type Registered = Extract<Identity, { readonly kind: 'registered' }>

/** An answer of the registry; `renewal` is still to be recorded, and until then what `identity` says of it. */
export type Found =
  | Identity
  | { readonly kind: 'renewal'; readonly renewal: Renewal; readonly identity: Registered }

export class Registry {
  readonly #parts: RegistryParts
  readonly #verify: Verify
  readonly #byThumbprint = new Map<string, Registration>()
  readonly #byPin = new Map<string, Map<string, Registration>>()
  #deletedPins: ReadonlySet<string> = new Set()

  constructor(parts: RegistryParts) {
    this.#parts = parts
    this.#verify = parts.verify ?? rememberedVerification()
  }

  /** Takes the certificates as they are now. */
  replace({ registrations, deletedPins }: RegistryContent): void {
    this.#byThumbprint.clear()
    this.#byPin.clear()
    this.apply({ registered: registrations, removed: [], deletedPins })
  }

  /** Takes over what has changed, at the cost of that. */
  apply({ registered, removed, deletedPins }: RegistryChange): void {
    for (const thumbprint of removed) this.#forget(thumbprint)
    for (const one of registered) {
      this.#forget(one.thumbprint)
      this.#byThumbprint.set(one.thumbprint, one)
      const ofPin = this.#byPin.get(one.pin) ?? new Map<string, Registration>()
      this.#byPin.set(one.pin, ofPin.set(one.thumbprint, one))
    }
    this.#deletedPins = deletedPins
  }

  /** Who presents this. */
  find(presented: Presented, now: number): Found {
    const { certificate } = presented
    const recognized = this.recognize(certificate)
    if (recognized !== undefined) return recognized
    const successor = this.#successor(presented, now)
    // A key that is barred stays so; one that merely has another issuer now may have one that the configuration trusts.
    const isFinal =
      successor !== undefined && (successor.kind !== 'unknown' || isBarred(successor.renewal))
    return isFinal
      ? successor
      : (this.#issuedByWellKnown(certificate, now) ?? successor ?? unknown(certificate))
  }

  /** Who presents this, where that very certificate is known; no signature is looked at. */
  recognize(certificate: Certificate): Registered | undefined {
    if (this.#parts.serverThumbprints().has(certificate.thumbprint)) {
      return known(
        'server',
        certificate,
        configuredRegistration(certificate, 'Server Certificate', 'ClusterNode'),
      )
    }
    if (isWellKnown(this.#parts.wellKnown(), certificate)) {
      const name = 'Well Known Admin Certificate'
      return known(
        'well-known',
        certificate,
        configuredRegistration(certificate, name, 'ClusterAdmin'),
      )
    }
    const registration = this.#byThumbprint.get(certificate.thumbprint)
    // SHA-1 names a certificate; its bytes are what was registered.
    if (registration?.certificate.equals(certificate.der) !== true) return undefined
    const how = registration.renewedFrom === undefined ? 'thumbprint' : 'renewal'
    return known(how, certificate, registration)
  }

  #successor(presented: Presented, now: number) {
    const { certificate } = presented
    const deleted = this.#deletedPins.has(certificate.pin)
    const registrations = [...(this.#byPin.get(certificate.pin)?.values() ?? [])]
    if (registrations.length === 0 && !deleted) return undefined
    const asked = { now, verify: this.#verify }
    const renewal = renewalOf(presented, { registrations, deleted }, asked)
    if (typeof renewal === 'string') return unknown(certificate, renewal)
    const { thumbprint, der } = certificate
    const { notBefore, notAfter } = certificate
    const { predecessor } = renewal
    const own = { thumbprint, certificate: der, notBefore, notAfter }
    const registration = { ...predecessor, ...own, renewedFrom: predecessor.thumbprint }
    const identity = known('renewal', certificate, registration)
    return { kind: 'renewal', renewal, identity } as const
  }

  #issuedByWellKnown(certificate: Certificate, now: number): Registered | undefined {
    const { issuers } = this.#parts.wellKnown()
    const issuer = wellKnownIssuerOf(certificate, issuers, { now, verify: this.#verify })
    if (issuer === undefined) return undefined
    const name = `Well Known Issuer Certificate: ${issuer.subject} - ${issuer.thumbprint}`
    return known(
      'well-known',
      certificate,
      configuredRegistration(certificate, name, 'ClusterAdmin'),
    )
  }

  #forget(thumbprint: string): void {
    const pin = this.#byThumbprint.get(thumbprint)?.pin ?? ''
    this.#byThumbprint.delete(thumbprint)
    const ofPin = this.#byPin.get(pin)
    ofPin?.delete(thumbprint)
    if (ofPin?.size === 0) this.#byPin.delete(pin)
  }
}

/** True where somebody took the key's rights away. */
function isBarred(why: RenewalRefusal | undefined): boolean {
  return why === 'deleted' || why === 'disabled'
}

function unknown(certificate: Certificate, renewal?: RenewalRefusal) {
  return { kind: 'unknown', certificate, ...(renewal === undefined ? {} : { renewal }) } as const
}

function known(how: KnownBy, certificate: Certificate, registration: Registration): Registered {
  return { kind: 'registered', certificate, registration, how }
}
