/** The certificate that is served now, and the listener that serves it: loaded at start, followed from then on. */
import type { RequestListener, Server } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { Clock } from '#shared/clock.ts'
import { CertificateWatch } from './certificate-watch.ts'
import { swapCertificate, tlsListener } from './listener.ts'
import {
  type CertificateFiles,
  covers,
  fingerprint,
  loadServerCertificate,
  type ServerCertificate,
} from './server-certificate.ts'

export interface ServingParts {
  readonly files: CertificateFiles
  /** Names that each certificate must cover. */
  readonly hosts: readonly string[]
  readonly clock: Clock
  /** Told of each certificate that is served in place of the one before. */
  readonly swapped: (certificate: ServerCertificate) => void
  /** Told of each that is not. */
  readonly refused: (error: unknown) => void
}

export class Serving implements AsyncDisposable {
  #current: ServerCertificate
  #server: HttpsServer | undefined
  readonly #watch: CertificateWatch

  /** Throws `ServerCertificateUnreadable`, `ServerCertificateUnusable`. */
  static async open(parts: ServingParts): Promise<Serving> {
    const seen = await fingerprint(parts.files)
    return new Serving(parts, await load(parts), seen)
  }

  private constructor(parts: ServingParts, first: ServerCertificate, seen: string) {
    this.#current = first
    const { files, refused } = parts
    const serve = (certificate: ServerCertificate): void => {
      this.#serve(certificate)
      parts.swapped(certificate)
    }
    this.#watch = new CertificateWatch({ files, load: () => load(parts), serve, refused }, seen)
  }

  get current(): ServerCertificate {
    return this.#current
  }

  /** The one listener that serves it. */
  listener(handler: RequestListener): Server {
    this.#server = tlsListener(this.#current, handler)
    return this.#server
  }

  /** True for a host that the certificate covers now. */
  covers(host: string): boolean {
    return covers(this.#current.certificate, host)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch.close()
  }

  #serve(certificate: ServerCertificate): void {
    this.#current = certificate
    if (this.#server !== undefined) swapCertificate(this.#server, certificate)
  }
}

function load({ files, hosts, clock }: ServingParts): Promise<ServerCertificate> {
  return loadServerCertificate(files, { hosts, now: clock.now() })
}
