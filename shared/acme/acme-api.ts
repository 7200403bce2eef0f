/**
 * The port to a CA (RFC 8555, RFC 9773): one exchange a call, nothing repeated but a bad nonce. Throws `AcmeProblem` where the CA refuses
 * and `HttpsFailure` where it does not answer. Times are milliseconds, moments since 1970.
 */
import type { KeyObject } from 'node:crypto'
import type { Egress } from '#shared/egress.ts'
import type { Problem } from './problem.ts'

/** `meta.profiles`: name → what it is, in words. */
export interface Directory {
  readonly newNonce: string
  readonly newAccount: string
  readonly newOrder: string
  /** Nothing where the CA revokes nothing, or no account gets another key. */
  readonly revokeCert?: string | undefined
  readonly keyChange?: string | undefined
  /** Nothing where the CA has no ARI. */
  readonly renewalInfo?: string | undefined
  readonly termsOfService?: string | undefined
  readonly externalAccountRequired: boolean
  /** Nothing where the CA has none. */
  readonly profiles?: Readonly<Record<string, string>> | undefined
}

export interface NewOrder {
  /** DNS names (also `*.` ones) and IP addresses. */
  readonly names: readonly string[]
  readonly profile?: string | undefined
  /** `certificateId()` of the certificate that this one replaces (RFC 9773 section 5). */
  readonly replaces?: string | undefined
}

export interface Order {
  readonly url: string
  readonly status: 'pending' | 'ready' | 'processing' | 'valid' | 'invalid'
  readonly expiresAt?: number | undefined
  readonly authorizations: readonly string[]
  readonly finalize: string
  readonly certificate?: string | undefined
  readonly problem?: Problem | undefined
  readonly retryAfterMs?: number | undefined
}

export interface OfferedChallenge {
  /** Any: CAs offer more than we know. */
  readonly type: string
  readonly url: string
  readonly token: string
  readonly status: 'pending' | 'processing' | 'valid' | 'invalid'
  readonly problem?: Problem | undefined
}

export interface Authorization {
  readonly status: 'pending' | 'valid' | 'invalid' | 'deactivated' | 'expired' | 'revoked'
  /** As in the order: with `*.` where it is for a wildcard. */
  readonly name: string
  readonly challenges: readonly OfferedChallenge[]
  readonly retryAfterMs?: number | undefined
}

/** What an order needs. */
export interface AcmeOrders {
  readonly directoryUrl: string
  /** Of the account key (RFC 7638): answers to challenges speak for it. */
  readonly thumbprint: string
  newOrder(wanted: NewOrder, signal?: AbortSignal): Promise<Order>
  order(url: string, signal?: AbortSignal): Promise<Order>
  authorization(url: string, signal?: AbortSignal): Promise<Authorization>
  /** Asks the CA to look. */
  answer(challengeUrl: string, signal?: AbortSignal): Promise<void>
  /** `csr` in DER. The order's own URL stands in `Order.url` only where the CA names it. */
  finalize(
    order: Pick<Order, 'url' | 'finalize'>,
    csr: Uint8Array,
    signal?: AbortSignal,
  ): Promise<Order>
  /** PEM, the leaf first, no root. `preferredChain`: common name of an issuer in the chain, or of the top one's issuer. */
  certificate(url: string, preferredChain?: string, signal?: AbortSignal): Promise<string>
}

export interface ExternalAccount {
  readonly keyId: string
  /** The MAC key itself, not its base64url. */
  readonly key: Uint8Array
}

export interface WantedAccount {
  /** `mailto:` URLs; may be none. */
  readonly contact?: readonly string[]
  /** Only finds the account that the key has; `accountDoesNotExist` where there is none. */
  readonly onlyReturnExisting?: boolean
  readonly externalAccount?: ExternalAccount | undefined
}

export interface Account {
  readonly url: string
  readonly status: 'valid' | 'deactivated' | 'revoked'
  readonly contact: readonly string[]
}

export interface AcmeAccounts {
  /** Kept for an hour. */
  directory(signal?: AbortSignal): Promise<Directory>
  /** RFC 7638, base64url. */
  readonly thumbprint: string
  /** Makes the account of the key, or finds it; agrees to the terms of service. */
  newAccount(wanted: WantedAccount, signal?: AbortSignal): Promise<Account>
  account(signal?: AbortSignal): Promise<Account>
  changeContact(contact: readonly string[], signal?: AbortSignal): Promise<Account>
  /** For ever. */
  deactivate(signal?: AbortSignal): Promise<void>
  /** From then on only `next` opens the account, and this API signs with it. */
  changeKey(next: KeyObject, signal?: AbortSignal): Promise<void>
}

/** RFC 9773 section 4.2; read as it came: whether it makes sense is `renewalPlan()`'s question. */
export interface RenewalInfo {
  readonly start: number
  readonly end: number
  readonly explanationUrl?: string | undefined
  readonly retryAfterMs?: number | undefined
}

export interface AcmeCertificates {
  /** Nothing where the CA has no ARI. Throws `AcmeProblem` of type `strongroom:renewalInfo` where the answer makes no sense. */
  renewalInfo(certificateId: string, signal?: AbortSignal): Promise<RenewalInfo | undefined>
  /** `reason`: number of RFC 5280 section 5.3.1; 0 is unspecified, 1 keyCompromise, 4 superseded. */
  revoke(certificate: Uint8Array, reason?: number, signal?: AbortSignal): Promise<void>
}

export interface AcmeApi extends AcmeOrders, AcmeAccounts, AcmeCertificates {
  /** Ends idle connections. */
  close(): void
}

/** What `httpsAcme()` in https-acme.ts needs to speak to one CA for one account. */
export interface AcmeAccess {
  readonly directoryUrl: string
  /** Private key: P-256 (ES256) or RSA of 2048 bits and more (RS256). */
  readonly accountKey: KeyObject
  /** Looked up by the key where left out. */
  readonly accountUrl?: string | undefined
  /** PEM of the only authorities to trust for the CA's own HTTPS; the system's where left out. */
  readonly trust?: string | undefined
  /** Where connections may go; anywhere where left out. */
  readonly egress?: Egress | undefined
  readonly now: () => number
  /** Is told of every exchange, for metrics: e.g. `new-order`, 201; status 0 where no answer came. */
  readonly count?:
    | ((exchange: { readonly action: string; readonly status: number }) => void)
    | undefined
}
