/** A plain HTTPS caller: every header and byte of a request in the test's hand, the answer as bytes. No client library in between. */
import { type Agent, Agent as HttpsAgent, request } from 'node:https'

/** What a caller shows of itself: PEM texts. Nothing: it comes without a certificate. */
export interface Identity {
  readonly cert: string | Buffer
  readonly key: string | Buffer
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly bytes: Buffer
  readonly text: string
  /** The body as JSON; throws where it is none. */
  json(): Record<string, unknown>
}

export interface Call {
  readonly method: string
  /** Path and query, sent as written. */
  readonly path: string
  readonly body?: string | Buffer
  readonly headers?: Readonly<Record<string, string>>
}

export interface Caller extends AsyncDisposable {
  call(call: Call): Promise<Answer>
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>
  put(path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>
  post(path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>
  delete(path: string, body?: unknown): Promise<Answer>
}

/** A caller with its own pool of kept connections (`connections`, 1 where left out). `ca` verifies the server. */
export function caller(options: {
  readonly url: string
  readonly ca: string | Buffer
  readonly identity?: Identity | undefined
  readonly connections?: number
}): Caller {
  const agent = new HttpsAgent({
    keepAlive: true,
    maxSockets: options.connections ?? 1,
    ca: options.ca,
    ...options.identity,
  })
  const call = (wanted: Call): Promise<Answer> => send(options.url, agent, wanted)
  const withBody =
    (method: string) =>
    (path: string, body?: unknown, headers?: Readonly<Record<string, string>>) =>
      call({
        method,
        path,
        body: bodyText(body),
        headers: { 'content-type': 'application/json', ...headers },
      })
  return {
    call,
    get: (path, headers) =>
      call({ method: 'GET', path, ...(headers === undefined ? {} : { headers }) }),
    put: withBody('PUT'),
    post: withBody('POST'),
    delete: withBody('DELETE'),
    [Symbol.asyncDispose]: async () => agent.destroy(),
  }
}

function bodyText(body: unknown): string | Buffer {
  if (body === undefined) return ''
  return typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
}

function send(
  url: string,
  agent: Agent,
  { method, path, body = '', headers }: Call,
): Promise<Answer> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const length = { 'content-length': String(Buffer.byteLength(body)) }
    const sent = request(
      {
        hostname,
        port,
        method,
        path,
        agent,
        headers: { ...(body.length > 0 || method !== 'GET' ? length : {}), ...headers },
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () =>
          resolve(answer(response.statusCode ?? 0, response.headers, Buffer.concat(chunks))),
        )
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

function answer(status: number, headers: Answer['headers'], bytes: Buffer): Answer {
  return {
    status,
    headers,
    bytes,
    get text() {
      return bytes.toString('utf8')
    },
    json: () => JSON.parse(bytes.toString('utf8')) as Record<string, unknown>,
  }
}
