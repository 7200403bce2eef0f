/** Registrations and registries for tests of access. */
import type { Presented } from '#server/access/identity.ts'
import type { Registration } from '#server/access/registration.ts'
import { Registry } from '#server/access/registry.ts'
import { nobodyWellKnown, type WellKnown } from '#server/access/well-known.ts'
import type { Certificate } from '#shared/pki/certificate.ts'

export function registration(
  certificate: Certificate,
  wanted: Partial<Registration> = {},
): Registration {
  const { thumbprint, pin, der, notBefore, notAfter, commonName } = certificate
  const facts = { name: commonName, thumbprint, pin, certificate: der, notBefore, notAfter }
  const rights = { clearance: 'ValidUser', permissions: {}, disabled: false } as const
  const family = { issuer: undefined, root: thumbprint, renewedFrom: undefined }
  return { ...facts, ...rights, ...family, ...wanted }
}

export function presented(certificate: Certificate, chain: readonly Certificate[] = []): Presented {
  return { certificate, chain: () => chain }
}

export interface RegistryWanted {
  readonly registrations?: readonly Registration[]
  readonly deletedPins?: readonly string[]
  readonly wellKnown?: Partial<WellKnown>
  readonly serverThumbprints?: readonly string[]
}

export function registry(wanted: RegistryWanted = {}): Registry {
  const made = new Registry({
    wellKnown: () => ({ ...nobodyWellKnown, ...wanted.wellKnown }),
    serverThumbprints: () => new Set(wanted.serverThumbprints),
  })
  const { registrations = [], deletedPins = [] } = wanted
  made.replace({ registrations, deletedPins: new Set(deletedPins) })
  return made
}
