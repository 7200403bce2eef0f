/** Requests of named identities, each on one keep-alive connection of its own, whatever the server does with them. */
import http from 'node:http'
import https from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer, Request } from './scenario.types.ts'

const answerMsMax = 60_000
const headersOnlyMs = 300
const firstFrameMs = 500
const nothing = Buffer.alloc(0)

/** Certificate and key as PEM. */
export interface KeyPair {
  readonly cert: string | Buffer
  readonly key: string | Buffer
}

interface Identity {
  readonly agent: http.Agent
  readonly pair: KeyPair | null
}

/** A client of one server with as many identities as a scenario names. */
export class Client {
  readonly #base: URL
  readonly #ca: Buffer | undefined
  readonly #identities = new Map<string, Identity>()

  /** @param ca what verifies the server, as PEM; undefined for plain HTTP */
  constructor(base: URL, ca: Buffer | undefined) {
    this.#base = base
    this.#ca = ca
  }

  /** Adds an identity, or gives one another certificate; its open connection is closed. */
  identify(name: string, pair: KeyPair | null): void {
    this.#identities.get(name)?.agent.destroy()
    this.#identities.set(name, { agent: this.#agent(pair), pair })
  }

  /** Makes the next request of this identity open a new connection. */
  reconnect(name: string): void {
    const identity = this.#identities.get(name)
    if (identity) this.identify(name, identity.pair)
  }

  /** Gives an identity a second name, on a connection of its own. */
  alias(name: string, of: string): void {
    this.identify(name, this.#identities.get(of)?.pair ?? null)
  }

  close(): void {
    for (const { agent } of this.#identities.values()) agent.destroy()
  }

  /** Never rejects: what goes wrong on the way is the answer's status. */
  async call(request: Request): Promise<Answer> {
    const identity = this.#identities.get(request.as)
    if (!identity) return failed(`no identity ${request.as}`)
    const body = bytes(request.body)
    const method = request.method ?? 'GET'
    const sent = (this.#base.protocol === 'https:' ? https : http).request({
      host: this.#base.hostname,
      port: this.#base.port,
      method,
      path: request.path,
      headers: headersOf(method, request.headers ?? {}, body),
      agent: identity.agent,
    })
    const answer = await answered(sent, body, request)
    return answer
  }

  #agent(pair: KeyPair | null): http.Agent {
    if (this.#base.protocol !== 'https:') return new http.Agent({ keepAlive: true, maxSockets: 1 })
    return new https.Agent({
      keepAlive: true,
      maxSockets: 1,
      maxCachedSessions: 0,
      ...(this.#ca ? { ca: this.#ca } : {}),
      ...(pair ?? {}),
    })
  }
}

function bytes(body: Request['body']): Buffer | undefined {
  if (body === undefined || Buffer.isBuffer(body)) return body
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
}

function headersOf(
  method: string,
  headers: Readonly<Record<string, string>>,
  body: Buffer | undefined,
): Record<string, string> {
  if (body) {
    const type = { 'content-type': 'application/json', ...headers }
    return { ...type, 'content-length': String(body.length) }
  }
  return ['GET', 'HEAD'].includes(method) ? { ...headers } : { 'content-length': '0', ...headers }
}

function failed(status: string): Answer {
  return { status, headers: {}, body: nothing }
}

/** Sends the body and waits for the end of the answer, a cut, a first websocket frame or the time limit. */
function answered(
  sent: http.ClientRequest,
  body: Buffer | undefined,
  { limit = answerMsMax, headersOnly = false }: Request,
): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>()
  let partial: (() => Answer) | null = null
  const timer = setTimeout(() => {
    resolve(partial ? { ...partial(), open: 'open after headers' } : failed('no answer'))
    sent.destroy()
  }, limit)
  sent.on('response', (response) => {
    timer.refresh()
    const chunks: Buffer[] = []
    const soFar = () => ({ ...head(response), body: Buffer.concat(chunks) })
    partial = soFar
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.on('end', () => resolve(soFar()))
    response.on('error', () => resolve({ ...soFar(), open: 'cut' }))
    if (headersOnly) {
      setTimeout(() => {
        resolve(soFar())
        if (!response.complete) sent.destroy()
      }, headersOnlyMs).unref()
    }
  })
  sent.on('upgrade', (response, socket, first) => {
    const end = (frame: Buffer) => {
      resolve({ ...head(response), body: payload(frame) })
      socket.destroy()
    }
    if (first.length > 0) return end(first)
    socket.once('data', end)
    void sleep(firstFrameMs).then(() => end(nothing))
  })
  sent.on('error', (error: NodeJS.ErrnoException) =>
    resolve(failed(`connection ${error.code ?? error.message}`)),
  )
  sent.end(body)
  return promise.finally(() => clearTimeout(timer))
}

function head(response: http.IncomingMessage): Pick<Answer, 'status' | 'headers'> {
  return { status: response.statusCode ?? 0, headers: response.headers }
}

/** The text of a server's first websocket frame, which is never masked. */
function payload(frame: Buffer): Buffer {
  return frame.subarray((frame[1] ?? 0) > 125 ? 4 : 2)
}
