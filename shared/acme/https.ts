/**
 * One HTTPS exchange at a time: verified always, bounded in size and in time, no redirects. Errors name the origin alone, because paths,
 * queries and headers may hold secrets.
 */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import https from 'node:https'
import { type Egress, unreachableText } from '#shared/egress.ts'
import { reasonOf } from './reason.ts'

export interface HttpsCall {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** `https:` only, without user and password. */
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  readonly signal?: AbortSignal
}

export interface HttpsAnswer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface HttpsTerms {
  /** PEM of the only authorities to trust; the system's own where left out. */
  readonly trust?: string | undefined
  /** For the whole exchange, from the dial to the last byte. */
  readonly timeoutMs: number
  readonly answerBytesMax: number
  /** Keep connections for the next call; idle ones keep no process alive. */
  readonly keepAlive?: boolean
  /** Where connections may go; anywhere where left out. What fails is then told to it alone. */
  readonly egress?: Egress | undefined
}

/** No whole answer came: `https://api.example.com does not answer: …`. */
export class HttpsFailure extends Error {
  constructor(origin: string, found: string) {
    super(`${origin} ${found}`)
    this.name = 'HttpsFailure'
  }
}

export class HttpsClient {
  readonly #terms: HttpsTerms
  readonly #agent: https.Agent

  constructor(terms: HttpsTerms) {
    this.#terms = terms
    this.#agent = new https.Agent({
      keepAlive: terms.keepAlive ?? false,
      ...(terms.trust === undefined ? {} : { ca: terms.trust }),
    })
  }

  /** Any status is an answer; throws `HttpsFailure` where none came, and the signal's reason where that ended it. */
  async call(call: HttpsCall): Promise<HttpsAnswer> {
    const url = httpsUrl(call.url)
    const late = AbortSignal.timeout(this.#terms.timeoutMs)
    const signal = call.signal === undefined ? late : AbortSignal.any([call.signal, late])
    try {
      const answer = await this.#open(url, { ...call, signal })
      const body = await bodyOf(answer, this.#terms.answerBytesMax)
      return { status: answer.statusCode ?? 0, headers: answer.headers, body }
    } catch (error) {
      call.signal?.throwIfAborted()
      const { egress, timeoutMs } = this.#terms
      const reason = late.aborted
        ? `gave no whole answer within ${timeoutMs / 1000} s`
        : `does not answer: ${reasonOf(error)}`
      if (egress === undefined) throw new HttpsFailure(url.origin, reason)
      egress.note?.(url.origin, reason)
      throw new HttpsFailure(url.origin, `does not answer: ${unreachableText}`)
    }
  }

  /** Ends idle connections. */
  close(): void {
    this.#agent.destroy()
  }

  async #open(
    url: URL,
    call: HttpsCall & { readonly signal: AbortSignal },
  ): Promise<IncomingMessage> {
    const payload = call.body === undefined ? undefined : Buffer.from(call.body)
    const length = payload === undefined ? {} : { 'content-length': payload.byteLength }
    const headers = { 'user-agent': 'strongroom', ...call.headers, ...length }
    const { method, signal } = call
    const { egress } = this.#terms
    if (egress?.allows(url.hostname) === false) throw new Error('the address is refused')
    const lookup = egress === undefined ? {} : { lookup: egress.lookup }
    const options = { method, agent: this.#agent, headers, signal, ...lookup }
    return new Promise((resolve, reject) => {
      const request = https.request(url, options, resolve)
      request.on('error', reject)
      request.end(payload)
    })
  }
}

/** Node's own error would repeat the text, which may hold a secret. */
function httpsUrl(text: string): URL {
  const url = URL.parse(text)
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '') {
    throw new HttpsFailure('the address', 'is no https:// address without user and password')
  }
  return url
}

async function bodyOf(answer: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of answer) {
    bytes += part.length
    // Leaving the loop destroys the connection.
    if (bytes > bytesMax) throw new Error(`the answer is longer than ${bytesMax} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts)
}
