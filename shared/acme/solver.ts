/**
 * A way to prove control over a name to the CA (RFC 8555 section 8): puts the answer where the CA will look, says when it can be seen
 * there, and takes it away. Each act may be repeated: whoever was killed in the middle does it again.
 */
export type ChallengeType = 'http-01' | 'dns-01' | 'tls-alpn-01'

export interface Challenge {
  readonly type: ChallengeType
  /** DNS name without `*.`, lower case, or an IP address. */
  readonly name: string
  /** Base64url, chosen by the CA. */
  readonly token: string
  /** `token "." account thumbprint` (RFC 8555 section 8.1). Public: whoever asks the name sees it. */
  readonly keyAuthorization: string
}

export interface Solver {
  readonly type: ChallengeType
  /** What people call it, e.g. `rfc2136`; at most 128 characters. */
  readonly label?: string | undefined
  /** Puts the answer there. Doing it again changes nothing. Throws where that cannot be done, with the cause in words. */
  present(challenge: Challenge, signal: AbortSignal): Promise<void>
  /** Nothing where the answer can be seen where the CA will look; else why not yet, in words. */
  check(challenge: Challenge, signal: AbortSignal): Promise<string | undefined>
  /** Takes the answer away, and only that one. It may be gone already. */
  cleanUp(challenge: Challenge, signal: AbortSignal): Promise<void>
}
