/**
 * Signed exchanges with one CA (RFC 8555 section 6): directory, nonces, POST with a signature. A bad nonce is repeated with the one
 * that came with its refusal; nothing else is. Throws `AcmeProblem` and `HttpsFailure`.
 */
import type { KeyObject } from 'node:crypto'
import type { AcmeAccess, Directory } from './acme-api.ts'
import { type HttpsAnswer, type HttpsCall, HttpsClient, HttpsFailure } from './https.ts'
import { publicJwk, signedJws } from './jws.ts'
import {
  answerBytesMax,
  badNonceRepeatsMax,
  directoryMaxAgeMs,
  exchangeTimeoutMs,
  noncesMax,
} from './limits.ts'
import { AcmeProblem, refusal, senseless } from './problem.ts'
import { wire } from './wire.ts'

export interface SignedPost {
  /** For metrics. */
  readonly action: string
  readonly url: string
  /** Nothing: POST-as-GET. */
  readonly payload?: object | undefined
  readonly key: KeyObject
  /** Account URL; nothing: signed with the whole key, as a new account is. */
  readonly keyId?: string | undefined
  readonly accept?: string | undefined
  readonly signal?: AbortSignal | undefined
}

type SessionAccess = Pick<AcmeAccess, 'directoryUrl' | 'trust' | 'egress' | 'now' | 'count'>

export class AcmeSession {
  readonly #access: SessionAccess
  readonly #client: HttpsClient
  readonly #nonces: string[] = []
  #directory: { readonly value: Directory; readonly readAt: number } | undefined

  constructor(access: SessionAccess) {
    this.#access = access
    this.#client = new HttpsClient({
      trust: access.trust,
      egress: access.egress,
      timeoutMs: exchangeTimeoutMs,
      answerBytesMax,
      keepAlive: true,
    })
  }

  async directory(signal?: AbortSignal): Promise<Directory> {
    const now = this.#access.now()
    const kept = this.#directory
    if (kept !== undefined && Math.abs(now - kept.readAt) < directoryMaxAgeMs) return kept.value
    const answer = await this.get('directory', this.#access.directoryUrl, signal)
    const value = directoryOf(answer)
    this.#directory = { value, readAt: now }
    return value
  }

  /** Unsigned; for what is public. */
  async get(action: string, url: string, signal?: AbortSignal): Promise<HttpsAnswer> {
    const answer = await this.#call(action, { method: 'GET', url, ...(signal && { signal }) })
    return this.#accepted(answer)
  }

  async post(post: SignedPost): Promise<HttpsAnswer> {
    for (let repeats = 0; ; repeats += 1) {
      try {
        return await this.#postOnce(post)
      } catch (error) {
        const isBadNonce = error instanceof AcmeProblem && error.type === 'badNonce'
        if (!isBadNonce || repeats === badNonceRepeatsMax) throw error
      }
    }
  }

  close(): void {
    this.#client.close()
  }

  async #postOnce({ action, url, payload, key, keyId, accept, signal }: SignedPost) {
    const nonce = this.#nonces.pop() ?? (await this.#newNonce(signal))
    const signer = keyId === undefined ? { jwk: publicJwk(key) } : { kid: keyId }
    const text = payload === undefined ? '' : JSON.stringify(payload)
    const answer = await this.#call(action, {
      method: 'POST',
      url,
      headers: {
        'content-type': 'application/jose+json',
        ...(accept === undefined ? {} : { accept }),
      },
      body: JSON.stringify(signedJws(key, { ...signer, nonce, url }, text)),
      ...(signal && { signal }),
    })
    return this.#accepted(answer)
  }

  async #newNonce(signal: AbortSignal | undefined): Promise<string> {
    const { newNonce } = await this.directory(signal)
    const call = { method: 'HEAD', url: newNonce, ...(signal && { signal }) } as const
    this.#accepted(await this.#call('new-nonce', call))
    const nonce = this.#nonces.pop()
    if (nonce === undefined) throw senseless(200, 'the answer to new-nonce holds no nonce')
    return nonce
  }

  /** Every answer may bring a nonce, also a refusal. */
  async #call(action: string, call: HttpsCall): Promise<HttpsAnswer> {
    try {
      const answer = await this.#client.call(call)
      this.#access.count?.({ action, status: answer.status })
      this.#keepNonce(answer.headers['replay-nonce'])
      return answer
    } catch (error) {
      if (error instanceof HttpsFailure) this.#access.count?.({ action, status: 0 })
      throw error
    }
  }

  #keepNonce(nonce: string | string[] | undefined): void {
    if (typeof nonce !== 'string' || !/^[\w-]{1,512}$/.test(nonce)) return
    this.#nonces.push(nonce)
    if (this.#nonces.length > noncesMax) this.#nonces.shift()
  }

  #accepted(answer: HttpsAnswer): HttpsAnswer {
    if (answer.status < 300) return answer
    throw refusal(answer, this.#access.now())
  }
}

function describedProfiles(said: Readonly<Record<string, string | null>>): Record<string, string> {
  return Object.fromEntries(Object.entries(said).map(([name, words]) => [name, words ?? '']))
}

function directoryOf(answer: HttpsAnswer): Directory {
  const said = wire.directory.read(answer.body.toString('utf8'))
  if (said === undefined) throw senseless(answer.status, 'the answer is no ACME directory')
  const { meta, ...urls } = said
  return {
    newNonce: urls.newNonce,
    newAccount: urls.newAccount,
    newOrder: urls.newOrder,
    revokeCert: urls.revokeCert,
    keyChange: urls.keyChange,
    renewalInfo: urls.renewalInfo,
    termsOfService: meta?.termsOfService,
    externalAccountRequired: meta?.externalAccountRequired ?? false,
    profiles: meta?.profiles && describedProfiles(meta.profiles),
  }
}
