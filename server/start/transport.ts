/** How this server is reached: TLS with a configured or an own certificate, or plain HTTP where that is allowed. */
import type { RequestListener, Server } from 'node:http'
import { hostname } from 'node:os'
import type { Config } from '#server/config.ts'
import { certificateRenewMs } from '#server/limits.ts'
import type { Logger } from '#server/log.ts'
import type { SystemStore } from '#server/system/system.types.ts'
import {
  demandUnsecuredAllowed,
  hostOf,
  isWildcard,
  type ListenAddress,
  listenAddress,
} from '#server/tls/address.ts'
import type { Challenges } from '#server/tls/challenges.ts'
import { tlsErrors } from '#server/tls/errors.ts'
import { plainListener } from '#server/tls/listener.ts'
import { leafFiles } from '#server/tls/self-signed.ts'
import { type CertificateWish, type Served, Serving } from '#server/tls/serving.ts'
import type { Clock } from '#shared/clock.ts'
import type { Certificate } from '#shared/pki/certificate.ts'
import { type Folders, type OnStep, ownCertificate } from './first-start.ts'

export interface Transport {
  readonly address: ListenAddress
  readonly listener: (handler: RequestListener) => Server
  /** What is served now; nothing without TLS. */
  readonly served: () => Served
  /** False where nobody is asked who he is. */
  readonly isSecured: boolean
  /** True for a host name or address under which we are reached. */
  readonly isOurs: (host: string) => boolean
  /** True for one that is only for programs inside the cluster. */
  readonly isInternal: (host: string) => boolean
}

/** The one for the public, or else the internal one. */
export function mainCertificate(served: Served): Certificate | undefined {
  return served.public ?? served.internal
}

export interface TransportParts {
  readonly config: Config
  readonly folders: Folders
  readonly system: SystemStore
  readonly clock: Clock
  readonly logger: Logger
  readonly onStep: OnStep
  /** Names that are being proven to a CA. */
  readonly challenges: Challenges
  /** Told of a changed certificate that is not served. */
  readonly refused: () => void
  /** Closes what it is given, in reverse. */
  readonly owner: AsyncDisposableStack
}

/**
 * Throws `ServerUrlInvalid`, `UnsecuredAccessRefused`, `CertificateWithoutHttps`, `CertificateNotConfigured`, `ServerCertificate…`.
 */
export async function openTransport(parts: TransportParts): Promise<Transport> {
  const { config } = parts
  const address = listenAddress(config.ServerUrl)
  if (config.PublicServerUrl !== undefined) listenAddress(config.PublicServerUrl)
  return address.scheme === 'http' ? plainTransport(config, address) : tlsTransport(parts, address)
}

const publicPath = 'Security.Certificate.Path'
const internalPath = 'Security.Certificate.Internal.Path'
const adminsPath = 'Security.WellKnownCertificates.Admin.Path'

function plainTransport(config: Config, address: ListenAddress): Transport {
  const configured = [publicPath, internalPath] as const
  const unused = configured.find((setting) => config[setting] !== undefined)
  if (unused !== undefined) throw tlsErrors.CertificateWithoutHttps(config.ServerUrl, unused)
  demandUnsecuredAllowed(address.host, config['Security.UnsecuredAccessAllowed'])
  return {
    address,
    listener: (handler) => plainListener(handler),
    served: () => ({ internal: undefined, public: undefined }),
    isSecured: false,
    isOurs: (host) => [address.host, 'localhost', '127.0.0.1', '[::1]'].includes(host),
    isInternal: () => false,
  }
}

async function tlsTransport(parts: TransportParts, address: ListenAddress): Promise<Transport> {
  const { clock, logger, challenges, owner } = parts
  const serving = await Serving.open({
    wishes: await certificateWishes(parts, address),
    clock,
    challenges,
    swapped: (audience, { certificate: { thumbprint, sha256 } }) =>
      logger.info({ audience, thumbprint, sha256 }, 'Serves a new server certificate'),
    refused: (audience, error) => {
      parts.refused()
      logger.error(
        { error, audience },
        'Keeps the server certificate: the one that is there now did not pass its checks',
      )
    },
  })
  owner.use(serving)
  return {
    address,
    listener: (handler) => serving.listener(handler),
    served: () => serving.served,
    isSecured: true,
    isOurs: (host) => serving.covers(host),
    isInternal: (host) => serving.covers(host, 'internal'),
  }
}

/** The configured ones, or one of our own. */
async function certificateWishes(parts: TransportParts, address: ListenAddress) {
  const { config } = parts
  const { [publicPath]: path, [internalPath]: internal, PublicServerUrl: publicUrl } = config
  const named = namedHosts(config, address)
  const hosts = internal === undefined ? named.slice(0, 1) : publicHosts(publicUrl)
  return {
    internal: internal === undefined ? undefined : { files: filesIn(internal), hosts: [] },
    public:
      path === undefined
        ? await ownCertificateWish(parts, named)
        : { files: configuredFiles(config, path), hosts },
  }
}

/** The public name first, which is the one that must be covered. */
function namedHosts(config: Config, { host }: ListenAddress): string[] {
  return [...publicHosts(config.PublicServerUrl), host].filter((one) => !isWildcard(one))
}

function publicHosts(publicUrl: string | undefined): string[] {
  return publicUrl === undefined ? [] : [hostOf(publicUrl)]
}

function filesIn(path: string): CertificateWish['files'] {
  return { path, keyPath: undefined, password: undefined }
}

function configuredFiles(config: Config, path: string): CertificateWish['files'] {
  return {
    path,
    keyPath: config['Security.Certificate.Key.Path'],
    password: config['Security.Certificate.Password'],
  }
}

/** Nothing where there is an internal one. Where administrators are given, whoever gave them has an authority too. */
async function ownCertificateWish(
  parts: TransportParts,
  named: readonly string[],
): Promise<CertificateWish | undefined> {
  if (parts.config[internalPath] !== undefined) return undefined
  if (parts.config[adminsPath] !== undefined) throw tlsErrors.CertificateNotConfigured()
  return { files: await ownFiles(parts, named), hosts: [] }
}

async function ownFiles(
  { folders, system, clock, logger, onStep, owner }: TransportParts,
  named: readonly string[],
): Promise<CertificateWish['files']> {
  const folder = folders.certificates
  const hosts = [...new Set([...named, 'localhost', '127.0.0.1', '::1', hostname()])]
  const { renew } = await ownCertificate({ system, folder, hosts, clock, onStep })
  const timer = setInterval(() => {
    renew().catch((error: unknown) => logger.error(error, 'Cannot renew the server certificate'))
  }, certificateRenewMs).unref()
  owner.defer(() => clearInterval(timer))
  return leafFiles(folder)
}
