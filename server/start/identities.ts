/** Who may come in: the registry of certificates, kept like the server store, and their administration. */
import { Registry } from '#server/access/registry.ts'
import { parseThumbprints, readIssuers, type WellKnown } from '#server/access/well-known.ts'
import type { Audit } from '#server/audit/event.ts'
import type { Config } from '#server/config.ts'
import type { CertificateCounts } from '#server/metrics.ts'
import { Certificates } from '#server/system/certificates.ts'
import type { SystemStore } from '#server/system/system.types.ts'
import type { Clock } from '#shared/clock.ts'
import type { Certificate } from '#shared/pki/certificate.ts'
import type { Issued } from '#shared/pki/issue.ts'

export interface IdentityParts {
  readonly config: Config
  readonly system: SystemStore
  /** Signs generated client certificates. */
  readonly authority: Issued
  /** Shows the certificate that is served now. */
  readonly transport: { readonly certificate: () => Certificate | undefined }
  readonly clock: Clock
  readonly audit: Audit
}

export interface Identities {
  readonly certificates: Certificates
  readonly registry: Registry
  readonly wellKnown: () => WellKnown
  /** How many certificates are registered, expire soon, and have expired. */
  readonly counts: () => CertificateCounts
}

/** Throws `WellKnownInvalid`. */
export async function openIdentities(parts: IdentityParts): Promise<Identities> {
  const { config, system, authority, clock, audit } = parts
  const wellKnown = await wellKnownOf(config)
  const certificates = new Certificates({
    store: system,
    clock,
    audit,
    serverThumbprints: () => thumbprintsOf(parts.transport.certificate()),
    knownIssuers: () => [authority.certificate, ...wellKnown.issuers],
    hasConfiguredAdmin: () => hasConfiguredAdmin(config),
  })
  const isAdmin = config['Security.ServerCertificateIsAdmin']
  const registry = new Registry({
    wellKnown: () => wellKnown,
    serverThumbprints: () => thumbprintsOf(isAdmin ? parts.transport.certificate() : undefined),
  })
  registry.replace(certificates.content())
  system.onChange((tables) => {
    if (tables.has('certificates')) registry.replace(certificates.content())
  })
  const counts = () => countsOf(certificates, clock.now(), config[thresholdSetting] * dayMs)
  return { certificates, registry, wellKnown: () => wellKnown, counts }
}

const thresholdSetting = 'Security.Certificate.ExpiringThresholdInDays'
const dayMs = 24 * 60 * 60 * 1000

function countsOf(certificates: Certificates, now: number, thresholdMs: number): CertificateCounts {
  const ends = certificates.content().registrations.map(({ notAfter }) => notAfter)
  return {
    registered: ends.length,
    expiring: ends.filter((end) => end >= now && end < now + thresholdMs).length,
    expired: ends.filter((end) => end < now).length,
  }
}

/** True where the settings themselves name an administrator: then none is made. */
export function hasConfiguredAdmin(config: Config): boolean {
  const { [thumbprintsSetting]: thumbprints = '', [issuersSetting]: issuers = '' } = config
  return /[^\s;,]/.test(thumbprints + issuers)
}

const thumbprintsSetting = 'Security.WellKnownCertificates.Admin'
const issuersSetting = 'Security.WellKnownIssuers.Admin'

async function wellKnownOf(config: Config): Promise<WellKnown> {
  const thumbprints = parseThumbprints(config[thumbprintsSetting] ?? '')
  return { thumbprints, issuers: await readIssuers(config[issuersSetting] ?? '') }
}

function thumbprintsOf(certificate: Certificate | undefined): ReadonlySet<string> {
  return new Set(certificate === undefined ? [] : [certificate.thumbprint])
}
