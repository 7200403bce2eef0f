/** One certificate of this server: loaded at start, followed from then on, and what is made of it once for all handshakes. */
import type { SecureContext } from 'node:tls'
import { certificateCheckMs } from '#server/limits.ts'
import type { Clock } from '#shared/clock.ts'
import { hasCode } from '#shared/errors.ts'
import { FileWatch, type Look, steadyLook, type WatchedFiles } from '#shared/file-watch.ts'
import { covers } from '#shared/pki/names.ts'
import type { CertificateSource } from './certificate-source.ts'
import { contextOf } from './listener.ts'
import type { ServerCertificate } from './server-certificate.ts'

export interface FollowedParts {
  readonly source: CertificateSource
  /** Names that each certificate must cover. */
  readonly hosts: readonly string[]
  /** It may come later: a start goes on without it, or with one that cannot be served. */
  readonly optional: boolean
  readonly clock: Clock
  /** Told of each certificate that is served from now on, but for the one at start. */
  readonly swapped: (certificate: ServerCertificate) => void
  /** Told of each that is not. */
  readonly refused: (error: unknown) => void
  /** Told when an optional one was removed: it is no longer served. One that is not optional stays. */
  readonly withdrawn?: () => void
  readonly everyMs?: number
}

export class FollowedCertificate implements AsyncDisposable {
  readonly #watch: FileWatch<ServerCertificate>
  #current: ServerCertificate | undefined
  #context: SecureContext | undefined

  /** Throws `ServerCertificateUnreadable`, `ServerCertificateUnusable`, where it is not optional. */
  static async open(parts: FollowedParts): Promise<FollowedCertificate> {
    const { source, hosts, clock, optional, refused } = parts
    const load = () => source.load({ hosts, now: clock.now() })
    const watched = untilItBegins({ mark: () => source.mark(), load }, clock)
    const first = await steadyLook(watched)
    if (first.content !== undefined) return new FollowedCertificate(parts, watched, first)
    if (!optional) {
      // Missing files have no mark; loading them has the error that names them.
      const content = await load()
      return new FollowedCertificate(parts, watched, { mark: first.mark, content })
    }
    if (first.error !== undefined) refused(first.error)
    return new FollowedCertificate(parts, watched, first)
  }

  private constructor(
    { swapped, refused, optional, withdrawn, everyMs = certificateCheckMs }: FollowedParts,
    watched: WatchedFiles<ServerCertificate>,
    first: Look<ServerCertificate>,
  ) {
    if (first.content !== undefined) this.#serve(first.content)
    const take = (certificate: ServerCertificate): void => {
      this.#serve(certificate)
      swapped(certificate)
    }
    const removed = (): void => {
      this.#current = undefined
      this.#context = undefined
      withdrawn?.()
    }
    const watch = { ...watched, take, refused, everyMs, ...(optional ? { removed } : {}) }
    this.#watch = new FileWatch(watch, first.mark)
  }

  /** Undefined if it is optional and has not come yet, or was removed. */
  get current(): ServerCertificate | undefined {
    return this.#current
  }

  /** For handshakes under a name that it is for. */
  get context(): SecureContext | undefined {
    return this.#context
  }

  /** True for a host name or address that it is good for now. */
  covers(host: string): boolean {
    return this.#current !== undefined && covers(this.#current.certificate, host)
  }

  /** Looks at the files now. */
  look(): Promise<void> {
    return this.#watch.look()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch[Symbol.asyncDispose]()
  }

  #serve(certificate: ServerCertificate): void {
    this.#current = certificate
    this.#context = contextOf(certificate)
  }
}

/** One that begins later changes its mark at that moment, and is looked at once more. */
function untilItBegins(
  { mark, load }: WatchedFiles<ServerCertificate>,
  clock: Clock,
): WatchedFiles<ServerCertificate> {
  let early: { readonly mark: string; readonly from: number } | undefined
  return {
    mark: async () => {
      const found = await mark()
      return found === early?.mark && clock.now() >= early.from ? `${found} begun` : found
    },
    load: async () => {
      const found = await mark()
      return load().catch((error: unknown) => {
        if (hasCode(error, 'ServerCertificateTooEarly'))
          early = { mark: found, from: Date.parse(String(error.details.From)) }
        throw error
      })
    },
  }
}
