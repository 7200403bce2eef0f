/** How this server is reached: TLS with a configured or an own certificate, or plain HTTP where that is allowed. */
import type { RequestListener, Server } from 'node:http'
import type { Config } from '#server/config.ts'
import { demandUnsecuredAllowed, type ListenAddress, listenAddress } from '#server/tls/address.ts'
import type { Challenges } from '#server/tls/challenges.ts'
import { tlsErrors } from '#server/tls/errors.ts'
import { plainListener } from '#server/tls/listener.ts'
import { type Served, Serving } from '#server/tls/serving.ts'
import type { Certificate } from '#shared/pki/certificate.ts'
import { certificateSettings, certificateWishes, type WishParts } from './certificate-wishes.ts'

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
  /** Looks at the certificates now, without waiting for the next look: whoever wrote one knows that it is there. */
  readonly look: () => Promise<void>
}

/** The one for the public, or else the internal one. */
export function mainCertificate(served: Served): Certificate | undefined {
  return served.public ?? served.internal
}

export interface TransportParts extends WishParts {
  /** Names that are being proven to a CA. */
  readonly challenges: Challenges
}

/**
 * Throws `ServerUrlInvalid`, `UnsecuredAccessRefused`, `CertificateWithoutHttps`, `CertificateNotConfigured`, `CertificateTwice`,
 * `CertificateProgramFailed`, `ServerCertificate…`.
 */
export async function openTransport(parts: TransportParts): Promise<Transport> {
  const { config } = parts
  const address = listenAddress(config.ServerUrl)
  if (config.PublicServerUrl !== undefined) listenAddress(config.PublicServerUrl)
  return address.scheme === 'http' ? plainTransport(config, address) : tlsTransport(parts, address)
}

function plainTransport(config: Config, address: ListenAddress): Transport {
  const [unused] = certificateSettings(config)
  if (unused !== undefined) throw tlsErrors.CertificateWithoutHttps(config.ServerUrl, unused)
  demandUnsecuredAllowed(address.host, config['Security.UnsecuredAccessAllowed'])
  return {
    address,
    listener: (handler) => plainListener(handler),
    served: () => ({ internal: undefined, public: undefined }),
    isSecured: false,
    isOurs: (host) => plainHosts(config, address).includes(host.toLowerCase()),
    isInternal: () => false,
    look: () => Promise.resolve(),
  }
}

/** Names that a browser can be trusted with, in small letters: nobody else can point them at this server. */
function plainHosts({ PublicServerUrl: publicUrl }: Config, { host }: ListenAddress): string[] {
  const named = publicUrl === undefined ? [] : [new URL(publicUrl).hostname]
  return [host, ...named, 'localhost', '127.0.0.1', '[::1]'].map((name) => name.toLowerCase())
}

async function tlsTransport(parts: TransportParts, address: ListenAddress): Promise<Transport> {
  const { clock, logger, challenges, owner } = parts
  const serving = await Serving.open({
    wishes: await certificateWishes(parts, address),
    clock,
    challenges,
    swapped: (audience, { certificate: { thumbprint, sha256 } }) =>
      logger.info({ audience, thumbprint, sha256 }, 'Serves a new server certificate'),
    withdrawn: (audience) =>
      logger.warn({ audience }, 'No longer serves the certificate that was removed'),
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
    look: () => serving.look(),
  }
}
