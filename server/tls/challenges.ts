/**
 * What a CA is shown under the names that are being proven to it (TLS-ALPN-01). In memory only: who puts one here puts it again after
 * a restart, and what nobody takes away ends by itself.
 */
import { isIP } from 'node:net'
import { createSecureContext, type SecureContext } from 'node:tls'
import { challengeLifeMs, challengesMax, keyAuthorizationCharactersMax } from '#server/limits.ts'
import { askedName, tlsAlpn01Certificate } from '#shared/acme/tls-alpn01-certificate.ts'
import { type Check, firstFinding } from '#shared/checks.ts'
import type { Clock } from '#shared/clock.ts'
import { certificatePem, privateKeyPem } from '#shared/pki/pem.ts'
import { tlsErrors } from './errors.ts'

/** What the CA wants to see under a name. */
export interface PresentedChallenge {
  /** DNS name without `*.`, or an address. */
  readonly name: string
  /** `token "." account thumbprint` (RFC 8555 section 8.1). */
  readonly keyAuthorization: string
}

interface Shown {
  readonly keyAuthorization: string
  readonly context: SecureContext
  /** Milliseconds since 1970. */
  readonly endsAt: number
}

export class Challenges {
  readonly #clock: Clock
  /** By the name that the CA asks for. */
  readonly #shown = new Map<string, Shown>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Nobody is proving anything: the listener need not look. */
  get isEmpty(): boolean {
    if (this.#shown.size > 0) this.#removeEnded()
    return this.#shown.size === 0
  }

  /** Shown for ten minutes from now; again is fine, and of two for one name the later stands. Throws `ChallengeInvalid`, `ChallengesTooMany`. */
  async present(challenge: PresentedChallenge): Promise<void> {
    const why = firstFinding(challengeChecks, challenge)
    if (why !== undefined) throw tlsErrors.ChallengeInvalid(why)
    const { keyAuthorization } = challenge
    const name = askedName(challenge.name)
    this.#demandRoom(name)
    const known = this.#shown.get(name)
    const context =
      known?.keyAuthorization === keyAuthorization
        ? known.context
        : await this.#contextOf(challenge)
    this.#demandRoom(name)
    const endsAt = this.#clock.now() + challengeLifeMs
    this.#shown.set(name, { keyAuthorization, context, endsAt })
  }

  /** True where there was one. */
  withdraw(name: string): boolean {
    return this.#shown.delete(askedName(name))
  }

  /** What is shown under the name of a ClientHello. */
  contextFor(serverName: string): SecureContext | undefined {
    this.#removeEnded()
    return this.#shown.get(serverName.toLowerCase())?.context
  }

  async #contextOf({ name, keyAuthorization }: PresentedChallenge): Promise<SecureContext> {
    const now = this.#clock.now()
    const made = await tlsAlpn01Certificate({ name: name.toLowerCase(), keyAuthorization, now })
    const cert = certificatePem(made.certificate)
    return createSecureContext({ cert, key: privateKeyPem(made.privateKey), minVersion: 'TLSv1.2' })
  }

  #demandRoom(name: string): void {
    this.#removeEnded()
    if (this.#shown.size >= challengesMax && !this.#shown.has(name)) {
      throw tlsErrors.ChallengesTooMany(name, challengesMax)
    }
  }

  #removeEnded(): void {
    const now = this.#clock.now()
    for (const [name, { endsAt }] of this.#shown) if (endsAt <= now) this.#shown.delete(name)
  }
}

const challengeChecks: readonly Check<PresentedChallenge, string>[] = [
  nameIsNone,
  authorizationIsTooLong,
  authorizationIsNone,
]

function nameIsNone({ name }: PresentedChallenge): string | undefined {
  if (isIP(name) > 0) return undefined
  const isName =
    name.length <= 253 && /^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9-]{1,63}$/i.test(name)
  return isName ? undefined : '"Name" is neither a DNS name nor an address'
}

function authorizationIsTooLong({ keyAuthorization }: PresentedChallenge): string | undefined {
  return keyAuthorization.length > keyAuthorizationCharactersMax
    ? `"KeyAuthorization" has more than ${keyAuthorizationCharactersMax} characters`
    : undefined
}

function authorizationIsNone({ keyAuthorization }: PresentedChallenge): string | undefined {
  return /^[\w-]+\.[\w-]{43}$/.test(keyAuthorization)
    ? undefined
    : '"KeyAuthorization" is not a token, a dot and a SHA-256 thumbprint'
}
