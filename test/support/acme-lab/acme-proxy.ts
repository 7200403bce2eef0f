/**
 * A proxy before the ACME server: it counts requests by what they ask for, and fails them when it is told to. Clients see its
 * address only, since Pebble makes its URLs from the Host header.
 */
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import https, { type RequestOptions } from 'node:https'
import type { Pair } from '#test/support/https-server.ts'

const paths = {
  directory: '/dir',
  newNonce: '/nonce-plz',
  newAccount: '/sign-me-up',
  account: '/my-account/',
  newOrder: '/order-plz',
  order: '/my-order/',
  authorization: '/authZ/',
  challenge: '/chalZ/',
  finalize: '/finalize-order/',
  certificate: '/certZ/',
  revokeCertificate: '/revoke-cert',
  keyChange: '/rollover-account-key',
  renewalInfo: '/draft-ietf-acme-ari-03/renewalInfo',
} as const

/** What a request asks for; `other` is none of them. */
export type AcmeAction = keyof typeof paths | 'other'

export interface Failure {
  /** Which requests; where nothing is said, all. */
  readonly action?: AcmeAction
  /** How many of them, then it ends by itself; where nothing is said, until `end`. */
  readonly times?: number
  /**
   * An answer in place of the server's; or the server's own JSON changed, such as an order that has ended; or the connection cut
   * before the server hears of the request, or after it has acted and before its answer arrives; or never passed on, or acted upon, and never
   * answered, until who asked is gone.
   */
  readonly with: FailedAnswer | ChangedAnswer | `${'cut' | 'hold'} ${'request' | 'answer'}`
}

export interface FailedAnswer {
  readonly status: number
  /** Without `urn:ietf:params:acme:error:`, such as `rateLimited`. */
  readonly type?: string
  readonly detail?: string
  /** Seconds, or a date of HTTP. */
  readonly retryAfter?: number | string
}

export type ChangedAnswer = (answer: Readonly<Record<string, unknown>>) => unknown

export interface RunningFailure {
  /** So many requests failed by it. */
  readonly count: () => number
  readonly end: () => void
}

export interface AcmeProxy {
  counts(): Readonly<Record<AcmeAction, number>>
  fail(failure: Failure): RunningFailure
  listen(): Promise<void>
  /** Refuses connections from now on, and cuts those that are open. */
  close(): Promise<void>
}

export interface ProxyOptions {
  readonly address: string
  readonly port: number
  readonly tls: Pair
  readonly upstream: { readonly port: number; readonly trust: string }
  /** Takes renewal information (RFC 9773) out of the directory. */
  readonly hidesRenewalInfo: boolean
}

interface Rule {
  readonly failure: Failure
  count: number
  isOver: boolean
}

export function acmeProxy({
  address,
  port,
  tls,
  upstream,
  hidesRenewalInfo,
}: ProxyOptions): AcmeProxy {
  const counts = Object.fromEntries(
    [...Object.keys(paths), 'other'].map((action) => [action, 0]),
  ) as Record<AcmeAction, number>
  const rules: Rule[] = []
  const agent = new https.Agent({ keepAlive: true, ca: upstream.trust })
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const action = actionOf(request.url ?? '')
    counts[action] += 1
    const failure = nextFailure(rules, action)
    if (failure === 'cut request') return void request.socket.destroy()
    if (failure === 'hold request') return
    const body = await bodyOf(request)
    if (typeof failure === 'object') return sendFailure(response, failure)
    const { method, url: path, headers } = request
    const options = { agent, host: '127.0.0.1', port: upstream.port, method, path, headers }
    const answer = await ask(options, body)
    if (failure === 'cut answer') return void request.socket.destroy()
    if (failure === 'hold answer') return
    const isShortened = action === 'directory' && hidesRenewalInfo
    const change = typeof failure === 'function' ? failure : isShortened && withoutRenewalInfo
    const text = change === false ? answer.body : changed(answer.body, change)
    const { 'transfer-encoding': _, ...kept } = answer.headers
    const length = { 'content-length': text.length }
    response.writeHead(answer.status, { ...kept, ...length }).end(text)
  }
  const server = https.createServer({ ...tls, keepAlive: true }, (request, response) => {
    handle(request, response).catch(() => request.socket.destroy())
  })
  return {
    counts: () => ({ ...counts }),
    fail: (failure) => {
      const rule: Rule = { failure, count: 0, isOver: false }
      rules.push(rule)
      return {
        count: () => rule.count,
        end: () => {
          rule.isOver = true
        },
      }
    },
    listen: async () => {
      server.listen(port, address)
      await once(server, 'listening')
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
      agent.destroy()
    },
  }
}

function actionOf(url: string): AcmeAction {
  const actions = Object.keys(paths) as (keyof typeof paths)[]
  return actions.find((action) => url.startsWith(paths[action])) ?? 'other'
}

/** The first rule that fits; it counts as used. */
function nextFailure(rules: readonly Rule[], action: AcmeAction): Failure['with'] | undefined {
  const rule = rules.find(
    ({ failure, count, isOver }) =>
      !isOver &&
      (failure.action ?? action) === action &&
      count < (failure.times ?? Number.POSITIVE_INFINITY),
  )
  if (rule === undefined) return undefined
  rule.count += 1
  return rule.failure.with
}

function sendFailure(
  response: ServerResponse,
  { status, type = 'serverInternal', detail = 'made to fail by a test', retryAfter }: FailedAnswer,
): void {
  const again = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }
  const problem = { type: `urn:ietf:params:acme:error:${type}`, detail, status }
  response
    .writeHead(status, { 'content-type': 'application/problem+json', ...again })
    .end(JSON.stringify(problem))
}

function changed(body: Buffer, change: ChangedAnswer): Buffer {
  return Buffer.from(JSON.stringify(change(JSON.parse(body.toString()))))
}

function withoutRenewalInfo({ renewalInfo: _, ...rest }: Readonly<Record<string, unknown>>) {
  return rest
}

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/** One request to Pebble. */
export function ask(options: RequestOptions, body?: Buffer | string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = https.request(options, (answer) => {
      const { statusCode: status = 0, headers } = answer
      bodyOf(answer).then((read) => resolve({ status, headers, body: read }), reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of message) parts.push(part)
  return Buffer.concat(parts)
}
