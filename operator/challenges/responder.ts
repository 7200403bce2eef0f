/**
 * Answers CAs that prove a name by HTTP-01 (RFC 8555 section 8.3), in every replica: only below `/.well-known/acme-challenge/`, only
 * tokens that some Strongroom presents now. Everything else does not exist. Anybody may ask, so what is read is bounded.
 */
import {
  challengeRequestMs,
  challengeTokenCharactersMax,
  responderConnectionsMax,
} from '#operator/limits.ts'
import { type PlainServer, plainServer } from '#operator/plain-server.ts'
import { challengePath } from '#shared/acme/http01-look.ts'

export interface Asked {
  readonly token: string
  /** Lower case, without port. */
  readonly host: string
}

/** The key authorization; nothing: 404. */
export type Answers = (asked: Asked) => string | undefined

/** Listens on every address; port 0: a free one. */
export function challengeResponder(port: number, answers: Answers): Promise<PlainServer> {
  const bounds = {
    requestTimeout: challengeRequestMs,
    headersTimeout: challengeRequestMs,
    maxHeaderSize: 8192,
    connectionsMax: responderConnectionsMax,
  }
  return plainServer({ port, ...bounds }, (request, answer) => {
    request.resume()
    const text = ['GET', 'HEAD'].includes(request.method ?? '')
      ? answerTo(request.url ?? '', request.headers.host ?? '', answers)
      : undefined
    const headers = { 'content-type': 'application/octet-stream', connection: 'close' }
    if (text === undefined) answer.writeHead(404, { connection: 'close' }).end()
    else answer.writeHead(200, { ...headers, 'content-length': text.length }).end(text)
  })
}

function answerTo(url: string, hostHeader: string, answers: Answers): string | undefined {
  if (!url.startsWith(challengePath)) return undefined
  const [token = ''] = url.slice(challengePath.length).split('?')
  if (token.length > challengeTokenCharactersMax || !/^[\w-]+$/.test(token)) return undefined
  return answers({ token, host: hostHeader.replace(/:\d+$/, '').toLowerCase() })
}
