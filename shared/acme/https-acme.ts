/** The port over HTTPS: a client of RFC 8555 with ARI (RFC 9773) and profiles. Why an own one: docs/decisions, "ACME is spoken by us". */
import type { KeyObject } from 'node:crypto'
import type {
  Account,
  AcmeAccess,
  AcmeApi,
  Authorization,
  Directory,
  NewOrder,
  Order,
  RenewalInfo,
  WantedAccount,
} from './acme-api.ts'
import { accountOf, alternates, authorizationOf, orderOf, renewalInfoOf } from './answers.ts'
import { identifierOf, isIssuedUnder, tidyChain } from './chains.ts'
import type { HttpsAnswer } from './https.ts'
import { macJws, publicJwk, signedJws, thumbprint } from './jws.ts'
import { alternateChainsMax } from './limits.ts'
import { senseless } from './problem.ts'
import { AcmeSession, type SignedPost } from './session.ts'

/** A CA for one account. Close it. Throws `TypeError` for an account key that is neither P-256 nor RSA. */
export function httpsAcme(access: AcmeAccess): AcmeApi {
  return new HttpsAcme(access)
}

class HttpsAcme implements AcmeApi {
  readonly directoryUrl: string
  readonly #session: AcmeSession
  readonly #now: () => number
  #key: KeyObject
  #thumbprint: string
  #accountUrl: string | undefined

  constructor(access: AcmeAccess) {
    this.directoryUrl = access.directoryUrl
    this.#session = new AcmeSession(access)
    this.#now = access.now
    this.#key = access.accountKey
    this.#thumbprint = thumbprint(access.accountKey)
    this.#accountUrl = access.accountUrl
  }

  get thumbprint(): string {
    return this.#thumbprint
  }

  directory(signal?: AbortSignal): Promise<Directory> {
    return this.#session.directory(signal)
  }

  async newAccount(wanted: WantedAccount, signal?: AbortSignal): Promise<Account> {
    const { newAccount: url } = await this.directory(signal)
    const { externalAccount, onlyReturnExisting = false, contact } = wanted
    const binding = externalAccount && {
      externalAccountBinding: macJws(
        externalAccount.key,
        { kid: externalAccount.keyId, url },
        JSON.stringify(publicJwk(this.#key)),
      ),
    }
    const payload = onlyReturnExisting
      ? { onlyReturnExisting }
      : { termsOfServiceAgreed: true, ...(contact && { contact }), ...binding }
    const action = onlyReturnExisting ? 'find-account' : 'new-account'
    const answer = await this.#session.post({ action, url, payload, key: this.#key, signal })
    const account = accountOf(answer)
    this.#accountUrl = account.url
    return account
  }

  async account(signal?: AbortSignal): Promise<Account> {
    const url = await this.#account(signal)
    return accountOf(await this.#post({ action: 'account', url, signal }), url)
  }

  async changeContact(contact: readonly string[], signal?: AbortSignal): Promise<Account> {
    const url = await this.#account(signal)
    const answer = await this.#post({ action: 'change-contact', url, payload: { contact }, signal })
    return accountOf(answer, url)
  }

  async deactivate(signal?: AbortSignal): Promise<void> {
    const url = await this.#account(signal)
    const payload = { status: 'deactivated' }
    await this.#post({ action: 'deactivate-account', url, payload, signal })
  }

  async changeKey(next: KeyObject, signal?: AbortSignal): Promise<void> {
    const [{ keyChange: url }, account] = await Promise.all([
      this.directory(signal),
      this.#account(signal),
    ])
    if (url === undefined) throw senseless(200, 'the directory names no address for "keyChange"')
    const inner = JSON.stringify({ account, oldKey: publicJwk(this.#key) })
    const payload = signedJws(next, { jwk: publicJwk(next), url }, inner)
    await this.#post({ action: 'key-change', url, payload, signal })
    this.#key = next
    this.#thumbprint = thumbprint(next)
  }

  async newOrder({ names, profile, replaces }: NewOrder, signal?: AbortSignal): Promise<Order> {
    const { newOrder: url } = await this.directory(signal)
    const payload = {
      identifiers: names.map(identifierOf),
      ...(profile === undefined ? {} : { profile }),
      ...(replaces === undefined ? {} : { replaces }),
    }
    const answer = await this.#post({ action: 'new-order', url, payload, signal })
    return orderOf(answer, undefined, this.#now())
  }

  async order(url: string, signal?: AbortSignal): Promise<Order> {
    return orderOf(await this.#post({ action: 'order', url, signal }), url, this.#now())
  }

  async authorization(url: string, signal?: AbortSignal): Promise<Authorization> {
    return authorizationOf(await this.#post({ action: 'authorization', url, signal }), this.#now())
  }

  async answer(challengeUrl: string, signal?: AbortSignal): Promise<void> {
    await this.#post({ action: 'challenge', url: challengeUrl, payload: {}, signal })
  }

  async finalize(
    order: Pick<Order, 'url' | 'finalize'>,
    csr: Uint8Array,
    signal?: AbortSignal,
  ): Promise<Order> {
    const payload = { csr: base64url(csr) }
    const post = { action: 'finalize', url: order.finalize, payload, signal }
    return orderOf(await this.#post(post), order.url, this.#now())
  }

  async certificate(url: string, preferredChain?: string, signal?: AbortSignal): Promise<string> {
    const answer = await this.#chain(url, signal)
    const first = answer.body.toString('latin1')
    if (preferredChain === undefined || isIssuedUnder(first, preferredChain))
      return tidyChain(first)
    for (const other of alternates(answer, url).slice(0, alternateChainsMax)) {
      const chain = (await this.#chain(other, signal)).body.toString('latin1')
      if (isIssuedUnder(chain, preferredChain)) return tidyChain(chain)
    }
    return tidyChain(first)
  }

  async renewalInfo(certificateId: string, signal?: AbortSignal): Promise<RenewalInfo | undefined> {
    const { renewalInfo } = await this.directory(signal)
    if (renewalInfo === undefined) return undefined
    const url = `${renewalInfo.replace(/\/$/, '')}/${certificateId}`
    return renewalInfoOf(await this.#session.get('renewal-info', url, signal), this.#now())
  }

  async revoke(certificate: Uint8Array, reason?: number, signal?: AbortSignal): Promise<void> {
    const { revokeCert: url } = await this.directory(signal)
    if (url === undefined) throw senseless(200, 'the directory names no address for "revokeCert"')
    const payload = {
      certificate: base64url(certificate),
      ...(reason === undefined ? {} : { reason }),
    }
    await this.#post({ action: 'revoke', url, payload, signal })
  }

  close(): void {
    this.#session.close()
  }

  #chain(url: string, signal: AbortSignal | undefined): Promise<HttpsAnswer> {
    const accept = 'application/pem-certificate-chain'
    return this.#post({ action: 'certificate', url, accept, signal })
  }

  async #post(post: Omit<SignedPost, 'key' | 'keyId'>): Promise<HttpsAnswer> {
    const keyId = await this.#account(post.signal)
    return this.#session.post({ ...post, key: this.#key, keyId })
  }

  /** The key finds its account where nobody named it. */
  async #account(signal: AbortSignal | undefined): Promise<string> {
    if (this.#accountUrl !== undefined) return this.#accountUrl
    return (await this.newAccount({ onlyReturnExisting: true }, signal)).url
  }
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}
