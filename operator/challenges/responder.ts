/**
 * Answers CAs that prove a name by HTTP-01 (RFC 8555 section 8.3), in every replica: only below `/.well-known/acme-challenge/`, only
 * tokens that some Strongroom presents now. Everything else does not exist. Anybody may ask, so what is read is bounded.
 */
import type { AddressInfo } from 'node:net'
import {
  challengeRequestMs,
  challengeTokenCharactersMax,
  responderConnectionsMax,
} from '#operator/limits.ts'

/** Not imported: see operator/probes.ts. */
const { createServer } = process.getBuiltinModule('node:http')

export const challengePath = '/.well-known/acme-challenge/'

export interface Responder extends AsyncDisposable {
  readonly port: number
}

export interface Asked {
  readonly token: string
  /** Lower case, without port. */
  readonly host: string
}

/** The key authorization; nothing: 404. */
export type Answers = (asked: Asked) => string | undefined

/** Listens on every address; port 0: a free one. */
export async function challengeResponder(port: number, answers: Answers): Promise<Responder> {
  const server = createServer(
    { requestTimeout: challengeRequestMs, headersTimeout: challengeRequestMs, maxHeaderSize: 8192 },
    (request, answer) => {
      request.resume()
      const text = ['GET', 'HEAD'].includes(request.method ?? '')
        ? answerTo(request.url ?? '', request.headers.host ?? '', answers)
        : undefined
      const headers = { 'content-type': 'application/octet-stream', connection: 'close' }
      if (text === undefined) answer.writeHead(404, { connection: 'close' }).end()
      else answer.writeHead(200, { ...headers, 'content-length': text.length }).end(text)
    },
  )
  server.maxConnections = responderConnectionsMax
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

function answerTo(url: string, hostHeader: string, answers: Answers): string | undefined {
  if (!url.startsWith(challengePath)) return undefined
  const [token = ''] = url.slice(challengePath.length).split('?')
  if (token.length > challengeTokenCharactersMax || !/^[\w-]+$/.test(token)) return undefined
  return answers({ token, host: hostHeader.replace(/:\d+$/, '').toLowerCase() })
}
