/** An HTTPS server that speaks as much of ACME as the client's own tests need: it reads the signed requests, and a test says what comes back. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import type { OutgoingHttpHeaders } from 'node:http'
import type { AcmeAccess, AcmeApi } from '#shared/acme/acme-api.ts'
import { httpsAcme } from '#shared/acme/https-acme.ts'
import { type Pair, type TestAuthority, testAuthority, tlsServer } from './https-server.ts'

export interface SignedRequest {
  readonly path: string
  readonly header: Readonly<Record<string, unknown>>
  /** Empty for POST-as-GET. */
  readonly payload: unknown
  readonly headers: OutgoingHttpHeaders
}

export interface Reply {
  readonly status?: number
  readonly headers?: OutgoingHttpHeaders
  /** An object becomes JSON. */
  readonly body?: unknown
}

export interface AcmeServer extends AsyncDisposable {
  readonly api: AcmeApi
  readonly origin: string
  readonly key: KeyObject
  /** Signed requests. */
  readonly requests: SignedRequest[]
  /** All, e.g. `new-nonce 200`. */
  readonly counted: string[]
  /** Method and path of all. */
  readonly asked: () => string[]
}

let made: Promise<{ readonly ca: TestAuthority; readonly pair: Pair }> | undefined

async function trusted() {
  const ca = await testAuthority()
  return { ca, pair: await ca.server() }
}

export const now = Date.UTC(2026, 10, 25)

/** `reply`: to a signed request; by default an empty object. */
export async function acmeServer(
  reply: (request: SignedRequest) => Reply = () => ({}),
  {
    directory = {},
    ...access
  }: Partial<AcmeAccess> & { readonly directory?: Readonly<Record<string, unknown>> } = {},
): Promise<AcmeServer> {
  made ??= trusted()
  const { ca, pair } = await made
  const requests: SignedRequest[] = []
  const counted: string[] = []
  let nonces = 0
  const server = await tlsServer(pair, (asked, answer) => {
    nonces += 1
    const origin = `https://localhost:${server.port}`
    const send = ({ status = 200, headers = {}, body = {} }: Reply) =>
      answer
        .writeHead(status, { 'replay-nonce': `nonce-${nonces}`, ...headers })
        .end(typeof body === 'string' ? body : JSON.stringify(body))
    if (asked.url === '/directory') return send({ body: { ...urls(origin), ...directory } })
    if (asked.method !== 'POST')
      return send(asked.method === 'HEAD' ? {} : reply(unsigned(asked.url)))
    const request = signed(asked.url, asked.body, asked.headers as OutgoingHttpHeaders)
    requests.push(request)
    return send(reply(request))
  })
  const origin = `https://localhost:${server.port}`
  const key = access.accountKey ?? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const api = httpsAcme({
    directoryUrl: `${origin}/directory`,
    accountKey: key,
    accountUrl: `${origin}/account/1`,
    trust: ca.pem,
    now: () => now,
    count: ({ action, status }) => counted.push(`${action} ${status}`),
    ...access,
  })
  return {
    api,
    origin,
    key,
    requests,
    counted,
    asked: () => server.asked.map(({ method, url }) => `${method} ${url}`),
    [Symbol.asyncDispose]: async () => {
      api.close()
      await server[Symbol.asyncDispose]()
    },
  }
}

function urls(origin: string): Readonly<Record<string, string>> {
  const paths = ['newNonce', 'newAccount', 'newOrder', 'revokeCert', 'keyChange', 'renewalInfo']
  return Object.fromEntries(paths.map((path) => [path, `${origin}/${path}`]))
}

function unsigned(path: string): SignedRequest {
  return { path, header: {}, payload: '', headers: {} }
}

function signed(path: string, body: string, headers: OutgoingHttpHeaders): SignedRequest {
  const { protected: header, payload } = JSON.parse(body)
  const text = Buffer.from(payload, 'base64url').toString()
  return {
    path,
    header: JSON.parse(Buffer.from(header, 'base64url').toString()),
    payload: text === '' ? '' : JSON.parse(text),
    headers,
  }
}
