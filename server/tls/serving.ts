/**
 * The certificates that are served, and the listener that serves them.
 *
 * Mostly there is the public one only. A member in Kubernetes has an internal one besides: served under the names that it covers and
 * to whoever names none, and under all names while there is no public one, so that somebody can order that from a running server.
 */
import assert from 'node:assert/strict'
import type { RequestListener, Server } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { SecureContext } from 'node:tls'
import type { Certificate } from '#shared/pki/certificate.ts'
import type { Challenges } from './challenges.ts'
import { FollowedCertificate, type FollowedParts } from './followed-certificate.ts'
import { swapCertificate, tlsListener } from './listener.ts'
import type { ServerCertificate } from './server-certificate.ts'

export type Audience = 'internal' | 'public'

/** Where a certificate comes from, and what it must cover. */
export type CertificateWish = Pick<FollowedParts, 'source' | 'hosts'>

export interface ServingParts extends Pick<FollowedParts, 'clock' | 'everyMs'> {
  /** At least one. Beside an internal one, the public one may be missing, or unusable, and come later. */
  readonly wishes: { readonly [A in Audience]?: CertificateWish | undefined }
  /** Names that are being proven to a CA. */
  readonly challenges?: Challenges
  /** Told of each certificate that is served from now on, but for those at start. */
  readonly swapped: (audience: Audience, certificate: ServerCertificate) => void
  /** Told of each that is not. */
  readonly refused: (audience: Audience, error: unknown) => void
  /** Told when the public one was removed beside an internal one, which is served under all names from then on. */
  readonly withdrawn: (audience: Audience) => void
}

/** What is served now. */
export type Served = { readonly [A in Audience]: Certificate | undefined }

type Followed = { readonly [A in Audience]: FollowedCertificate | undefined }

export class Serving implements AsyncDisposable {
  readonly #followed: Followed
  readonly #challenges: Challenges | undefined
  readonly #owned: AsyncDisposableStack
  #server: HttpsServer | undefined

  /** Throws `ServerCertificateUnreadable`, `ServerCertificateUnusable`. */
  static async open({
    wishes,
    swapped,
    refused,
    withdrawn,
    challenges,
    ...common
  }: ServingParts): Promise<Serving> {
    await using owner = new AsyncDisposableStack()
    let serving: Serving | undefined
    const follow = async (audience: Audience) => {
      const wish = wishes[audience]
      if (wish === undefined) return undefined
      const followed = await FollowedCertificate.open({
        ...{ ...common, ...wish },
        optional: audience === 'public' && wishes.internal !== undefined,
        swapped: (certificate) => {
          if (serving !== undefined) serving.#swap()
          swapped(audience, certificate)
        },
        refused: (error) => refused(audience, error),
        withdrawn: () => {
          if (serving !== undefined) serving.#swap()
          withdrawn(audience)
        },
      })
      return owner.use(followed)
    }
    const followed = { internal: await follow('internal'), public: await follow('public') }
    serving = new Serving(followed, challenges, owner.move())
    return serving
  }

  private constructor(
    followed: Followed,
    challenges: Challenges | undefined,
    owned: AsyncDisposableStack,
  ) {
    this.#followed = followed
    this.#challenges = challenges
    this.#owned = owned
  }

  get served(): Served {
    const { internal, public: open } = this.#followed
    return { internal: internal?.current?.certificate, public: open?.current?.certificate }
  }

  /** The one listener that serves them. */
  listener(handler: RequestListener): Server {
    const hasTwo = this.#followed.internal !== undefined && this.#followed.public !== undefined
    const options = hasTwo ? { contextFor: (host: string) => this.#contextFor(host) } : {}
    const challenges = this.#challenges
    this.#server = tlsListener(this.#main(), handler, { ...options, challenges })
    return this.#server
  }

  /** True for a host name or address that a certificate covers now; of that audience, where one is named. */
  covers(host: string, audience?: Audience): boolean {
    const audiences = audience === undefined ? (['internal', 'public'] as const) : [audience]
    return audiences.some((one) => this.#followed[one]?.covers(host) === true)
  }

  /** Looks at all files now. */
  async look(): Promise<void> {
    await this.#followed.internal?.look()
    await this.#followed.public?.look()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned.disposeAsync()
  }

  /** Under the internal names, and under those without a certificate of their own, the main one. */
  #contextFor(host: string): SecureContext | undefined {
    return this.covers(host, 'internal') ? undefined : this.#followed.public?.context
  }

  #main(): ServerCertificate {
    const { internal, public: open } = this.#followed
    const main = internal?.current ?? open?.current
    assert(main !== undefined, 'one of the two is there from the start')
    return main
  }

  #swap(): void {
    if (this.#server !== undefined) swapCertificate(this.#server, this.#main())
  }
}
