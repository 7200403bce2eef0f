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
import { tlsErrors } from '#server/tls/errors.ts'
import { plainListener } from '#server/tls/listener.ts'
import { leafFiles } from '#server/tls/self-signed.ts'
import type { CertificateFiles } from '#server/tls/server-certificate.ts'
import { Serving } from '#server/tls/serving.ts'
import type { Clock } from '#shared/clock.ts'
import type { Certificate } from '#shared/pki/certificate.ts'
import { type Folders, type OnStep, ownCertificate } from './first-start.ts'

export interface Transport {
  readonly address: ListenAddress
  readonly listener: (handler: RequestListener) => Server
  /** Nothing without TLS. */
  readonly certificate: () => Certificate | undefined
  /** False where nobody is asked who he is. */
  readonly isSecured: boolean
  /** True for a host name or address under which we are reached. */
  readonly isOurs: (host: string) => boolean
}

export interface TransportParts {
  readonly config: Config
  readonly folders: Folders
  readonly system: SystemStore
  readonly clock: Clock
  readonly logger: Logger
  readonly onStep: OnStep
  /** Told of a changed certificate that is not served. */
  readonly refused: () => void
  /** Closes what it is given, in reverse. */
  readonly owner: AsyncDisposableStack
}

/** Throws `ServerUrlInvalid`, `UnsecuredAccessRefused`, `CertificateWithoutHttps`, `ServerCertificate…`. */
export async function openTransport(parts: TransportParts): Promise<Transport> {
  const { config } = parts
  const address = listenAddress(config.ServerUrl)
  if (config.PublicServerUrl !== undefined) listenAddress(config.PublicServerUrl)
  return address.scheme === 'http' ? plainTransport(config, address) : tlsTransport(parts, address)
}

function plainTransport(config: Config, address: ListenAddress): Transport {
  if (config['Security.Certificate.Path'] !== undefined) {
    throw tlsErrors.CertificateWithoutHttps(config.ServerUrl)
  }
  demandUnsecuredAllowed(address.host, config['Security.UnsecuredAccessAllowed'])
  return {
    address,
    listener: (handler) => plainListener(handler),
    certificate: () => undefined,
    isSecured: false,
    isOurs: (host) => [address.host, 'localhost', '127.0.0.1', '[::1]'].includes(host),
  }
}

async function tlsTransport(parts: TransportParts, address: ListenAddress): Promise<Transport> {
  const { config, clock, logger, owner } = parts
  const named = namedHosts(config, address)
  const path = config['Security.Certificate.Path']
  const files = path === undefined ? await ownFiles(parts, named) : configuredFiles(config, path)
  const serving = await Serving.open({
    files,
    hosts: path === undefined ? [] : named.slice(0, 1),
    clock,
    swapped: ({ certificate: { thumbprint } }) =>
      logger.info({ thumbprint }, 'Serves a new server certificate'),
    refused: (error) => {
      parts.refused()
      logger.error(error, 'Keeps the server certificate: the new one did not pass its checks')
    },
  })
  owner.use(serving)
  return {
    address,
    listener: (handler) => serving.listener(handler),
    certificate: () => serving.current.certificate,
    isSecured: true,
    isOurs: (host) => serving.covers(host),
  }
}

/** The public name first, which is the one that must be covered. */
function namedHosts(config: Config, { host }: ListenAddress): string[] {
  const publicUrl = config.PublicServerUrl
  const named = [...(publicUrl === undefined ? [] : [hostOf(publicUrl)]), host]
  return named.filter((one) => !isWildcard(one))
}

function configuredFiles(config: Config, path: string): CertificateFiles {
  return {
    path,
    keyPath: config['Security.Certificate.Key.Path'],
    password: config['Security.Certificate.Password'],
  }
}

async function ownFiles(
  { folders, system, clock, logger, onStep, owner }: TransportParts,
  named: readonly string[],
): Promise<CertificateFiles> {
  const folder = folders.certificates
  const hosts = [...new Set([...named, 'localhost', '127.0.0.1', '::1', hostname()])]
  const { renew } = await ownCertificate({ system, folder, hosts, clock, onStep })
  const timer = setInterval(() => {
    renew().catch((error: unknown) => logger.error(error, 'Cannot renew the server certificate'))
  }, certificateRenewMs).unref()
  owner.defer(() => clearInterval(timer))
  return leafFiles(folder)
}
