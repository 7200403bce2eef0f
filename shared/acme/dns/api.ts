/** Calls to a provider's API: whatever goes wrong becomes one coded error with the provider's own words, in which no secret is left. */
import { jsonShape } from '#shared/contract/json.ts'
import type { Egress } from '#shared/egress.ts'
import { Type } from '#shared/schema/type.ts'
import { type HttpsAnswer, type HttpsCall, HttpsClient, HttpsFailure } from '../https.ts'
import { dnsErrors } from './errors.ts'
import { apiAnswerBytesMax, apiTimeoutMs, quotedCharactersMax } from './limits.ts'

export interface ApiTerms {
  /** As people know it, e.g. `Cloudflare`. */
  readonly provider: string
  /** PEM; the system's own authorities where left out. */
  readonly trust?: string | undefined
  /** Where connections may go; anywhere where left out. */
  readonly egress?: Egress | undefined
  /** Texts that an answer may repeat and an error may not. */
  readonly secrets: readonly string[]
  /** What to do where it says no, by status. */
  readonly fixes: Readonly<Record<number, string>>
}

export class Api {
  readonly #terms: ApiTerms
  readonly #client: HttpsClient

  constructor(terms: ApiTerms) {
    this.#terms = terms
    const bounds = { timeoutMs: apiTimeoutMs, answerBytesMax: apiAnswerBytesMax }
    this.#client = new HttpsClient({ trust: terms.trust, egress: terms.egress, ...bounds })
  }

  /** Any status. `what` completes "Cannot …". Throws `DnsProviderFailed` where no answer came. */
  async call(what: string, call: HttpsCall): Promise<HttpsAnswer> {
    try {
      return await this.#client.call(call)
    } catch (error) {
      if (!(error instanceof HttpsFailure)) throw error
      throw dnsErrors.DnsProviderFailed(
        `${what} (${this.#terms.provider})`,
        error.message,
        'Check the address, the trusted authorities, and that the network lets us out',
      )
    }
  }

  /** The error for an answer that says no, with the provider's `words`. */
  refusal(what: string, status: number, words: string): Error {
    const { provider, fixes } = this.#terms
    const said = this.#quoted(words)
    return dnsErrors.DnsProviderFailed(
      `${what} (${provider})`,
      `it answered ${status}${said === '' ? '' : `: ${said}`}`,
      fixes[status] ?? (status >= 500 ? 'It is tried again' : 'See what the provider says'),
    )
  }

  #quoted(words: string): string {
    const masked = this.#terms.secrets
      .filter((secret) => secret !== '')
      .flatMap(formsOf)
      .reduce((text, form) => text.replaceAll(form, '…'), words)
    return masked
      .replace(/[\p{C}\s]+/gu, ' ')
      .trim()
      .slice(0, quotedCharactersMax)
  }
}

/** As it is, and as it would stand in JSON, in a query and in a basic authorization. */
function formsOf(secret: string): readonly string[] {
  const base64 = Buffer.from(secret).toString('base64')
  return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), base64]
}

/**
 * What a refusal says in words: plain text, or what a problem document, or the usual members of JSON, hold for people. A page, and data
 * that some other service answered, say nothing.
 */
export function problemText(body: string): string {
  const text = body.trim()
  if (!/^[[{<"]/.test(text)) return text
  const said = problemShape.read(text)
  return said?.detail ?? said?.error ?? said?.message ?? ''
}

const problemShape = jsonShape(
  Type.Object({
    detail: Type.Optional(Type.String()),
    error: Type.Optional(Type.String()),
    message: Type.Optional(Type.String()),
  }),
)

/** An address of the API, without a slash at its end. Throws `DnsSolverInvalid` for anything but https. */
export function apiUrl(provider: string, text: string): string {
  const url = URL.parse(text)
  if (
    url?.protocol === 'https:' &&
    url.username === '' &&
    url.password === '' &&
    url.search === ''
  ) {
    return url.href.replace(/\/+$/, '')
  }
  throw dnsErrors.DnsSolverInvalid(
    `the url of ${provider} is no https:// address`,
    'Write https://host[:port][/path], without user, password and query',
  )
}

/** The text of a Secret without blanks around it. Throws `DnsSolverInvalid` where it is missing. */
export function needed(secret: string | undefined, what: string): string {
  const text = secret?.trim() ?? ''
  if (text !== '') return text
  throw dnsErrors.DnsSolverInvalid(
    `${what} is missing`,
    'Put it into the Secret that the solver names',
  )
}
