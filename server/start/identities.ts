/** Who may come in: the registry of certificates, kept like the server store, and their administration. */
import { presentations } from '#server/access/identity.ts'
import { LiveConnections } from '#server/access/live-connections.ts'
import { Registry } from '#server/access/registry.ts'
import { parseThumbprints, readIssuers, type WellKnown } from '#server/access/well-known.ts'
import { type WellKnownContent, WellKnownFolder } from '#server/access/well-known-folder.ts'
import type { Audit } from '#server/audit/event.ts'
import type { Config } from '#server/config.ts'
import type { Logger } from '#server/log.ts'
import type { CertificateCounts } from '#server/metrics.ts'
import { Certificates } from '#server/system/certificates.ts'
import type { SystemStore } from '#server/system/system.types.ts'
import type { Served } from '#server/tls/serving.ts'
import type { Clock } from '#shared/clock.ts'
import type { Issued } from '#shared/pki/issue.ts'

export interface IdentityParts {
  readonly config: Config
  readonly system: SystemStore
  /** Signs generated client certificates. */
  readonly authority: Issued
  /** Shows the certificates that are served now. */
  readonly transport: { readonly served: () => Served }
  readonly clock: Clock
  readonly audit: Audit
  /** Certificates and issuers that the settings name: see `openWellKnown`. */
  readonly wellKnown: () => WellKnown
  /** Closes what it is given, in reverse. */
  readonly owner: AsyncDisposableStack
}

export interface Identities {
  readonly certificates: Certificates
  readonly registry: Registry
  /** Of all callers; those that lose rights are closed. */
  readonly connections: LiveConnections
  /** What the caller of a connection presented. */
  readonly presentedBy: ReturnType<typeof presentations>
  readonly wellKnown: () => WellKnown
  /** How many certificates are registered, expire soon, and have expired. */
  readonly counts: () => CertificateCounts
}

/** Reads the registered certificates, and follows them. */
export async function openIdentities(parts: IdentityParts): Promise<Identities> {
  const { config, system, authority, clock, audit, wellKnown, owner } = parts
  const isAdmin = config['Security.ServerCertificateIsAdmin']
  const registry = new Registry({
    wellKnown,
    serverThumbprints: () => (isAdmin ? thumbprintsOf(parts.transport.served()) : new Set()),
  })
  const presentedBy = presentations()
  const connections = owner.use(new LiveConnections({ registry, presentedBy, clock, audit }))
  const certificates = new Certificates({
    store: system,
    clock,
    audit,
    serverThumbprints: () => thumbprintsOf(parts.transport.served()),
    knownIssuers: () => [authority.certificate, ...wellKnown().issuers],
    hasConfiguredAdmin: () => hasConfiguredAdmin(config),
    disconnect: (answering) => connections.closeNarrowed(answering),
  })
  registry.replace(certificates.content())
  certificates.follow((change) => registry.apply(change))
  const counts = () => countsOf(certificates, clock.now(), config[thresholdSetting] * dayMs)
  return { certificates, registry, connections, presentedBy, wellKnown, counts }
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

/** True where the settings themselves name an administrator, or where to find some: then none is made. */
export function hasConfiguredAdmin(config: Config): boolean {
  const { [thumbprintsSetting]: thumbprints = '', [issuersSetting]: issuers = '' } = config
  return config[folderSetting] !== undefined || /[^\s;,]/.test(thumbprints + issuers)
}

const thumbprintsSetting = 'Security.WellKnownCertificates.Admin'
const folderSetting = 'Security.WellKnownCertificates.Admin.Path'
const issuersSetting = 'Security.WellKnownIssuers.Admin'

export interface WellKnownParts {
  readonly config: Config
  readonly logger: Logger
  /** Closes what it is given, in reverse. */
  readonly owner: AsyncDisposableStack
}

/** Thumbprints and issuers stay as they are; a folder is followed. Throws `WellKnownInvalid`, `WellKnownFolderUnreadable`. */
export async function openWellKnown({
  config,
  logger,
  owner,
}: WellKnownParts): Promise<() => WellKnown> {
  const thumbprints = parseThumbprints(config[thumbprintsSetting] ?? '')
  const issuers = await readIssuers(config[issuersSetting] ?? '')
  const path = config[folderSetting]
  if (path === undefined) return () => ({ thumbprints, issuers, certificates: new Map() })
  const changed = (content: WellKnownContent) => logAdministrators(logger, content)
  const folder = owner.use(await WellKnownFolder.open({ path, changed }))
  return () => ({ thumbprints, issuers, certificates: folder.certificates })
}

function logAdministrators(logger: Logger, { certificates, trouble }: WellKnownContent): void {
  const administrators = [...certificates.values()].map(({ thumbprint }) => thumbprint)
  const rank = administrators.length === 0 ? 'warn' : 'info'
  logger[rank]({ administrators }, 'Administrators of the folder')
  for (const line of trouble) logger.error(`Cannot use a certificate of an administrator: ${line}`)
}

function thumbprintsOf({ internal, public: open }: Served): ReadonlySet<string> {
  const certificates = [internal, open].filter((one) => one !== undefined)
  return new Set(certificates.map(({ thumbprint }) => thumbprint))
}
