/**
 * HTTP-01 (RFC 8555 section 8.3) on a port of its own: answers what was put there below `/.well-known/acme-challenge/`, and nothing
 * else. In memory only, like all proofs.
 */
import http, { type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import {
  challengeConnectionsMax,
  challengeHeaderBytesMax,
  challengesMax,
  challengeTimeoutMs,
} from '#server/limits.ts'
import type { ListenAddress } from '#server/tls/address.ts'
import { urlOf } from '#server/tls/address.ts'
import { challengePath } from '#shared/acme/http01-look.ts'
import type { Solver } from '#shared/acme/solver.ts'
import { orderErrors } from './errors.ts'

export interface Http01 extends AsyncDisposable {
  readonly solver: Solver
  /** The one that was taken. */
  readonly port: number
}

/** Listens. Throws `OrderSettingInvalid`. */
export async function listenForHttp01(address: ListenAddress): Promise<Http01> {
  const answers = new Map<string, string>()
  const server = http.createServer(
    {
      maxHeaderSize: challengeHeaderBytesMax,
      headersTimeout: challengeTimeoutMs,
      requestTimeout: challengeTimeoutMs,
      connectionsCheckingInterval: challengeTimeoutMs / 2,
    },
    (request, response) => respond(answers, request, response),
  )
  server.maxConnections = challengeConnectionsMax
  server.setTimeout(challengeTimeoutMs)
  await bind(server, address)
  // A connection that could not be taken is not the end of the others.
  server.on('error', () => undefined)
  const bound = server.address()
  return {
    solver: solverOf(answers),
    port: typeof bound === 'object' && bound !== null ? bound.port : address.port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function bind(server: Server, address: ListenAddress): Promise<void> {
  const { host, port } = address
  return new Promise((resolve, reject) => {
    const failed = ({ code, message }: NodeJS.ErrnoException) =>
      reject(
        orderErrors.OrderSettingInvalid(
          'Http.Url',
          `cannot be listened on: ${urlOf(address)}: ${code ?? message}`,
        ),
      )
    server.once('error', failed)
    server.listen({ host, port }, () => {
      server.off('error', failed)
      resolve()
    })
  })
}

function respond(
  answers: ReadonlyMap<string, string>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { method = '', url = '' } = request
  const isAsking = (method === 'GET' || method === 'HEAD') && url.startsWith(challengePath)
  const found = isAsking ? answers.get(url.slice(challengePath.length)) : undefined
  response.setHeader('connection', 'close')
  response.setHeader('content-type', 'application/octet-stream')
  response.statusCode = found === undefined ? 404 : 200
  response.end(found)
}

function solverOf(answers: Map<string, string>): Solver {
  const present = ({
    token,
    keyAuthorization,
  }: Parameters<Solver['present']>[0]): Promise<void> => {
    if (answers.size >= challengesMax && !answers.has(token)) {
      return Promise.reject(new Error(`${challengesMax} names are being proven already`))
    }
    answers.set(token, keyAuthorization)
    return Promise.resolve()
  }
  return {
    type: 'http-01',
    present,
    // Only this process answers there. One that was killed since forgot what it had been told.
    check: async (challenge) => void (await present(challenge)),
    cleanUp: ({ token }) => Promise.resolve(void answers.delete(token)),
  }
}
