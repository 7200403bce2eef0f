/**
 * The listening side: TLS 1.2 and 1.3 with client certificates asked for and never refused here, so that whoever has none, or an
 * unknown one, can be told in words. Who he is and what he may do is decided for each request.
 *
 * `ca` is not set: it would add our authority to the chain we send, and RavenDB's clients then report another error. A resumed
 * session keeps the certificate of the handshake it came from, so its rights are looked up like any other's.
 */
import http, { type RequestListener, type Server } from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls'
import {
  connectionsMax,
  handshakeTimeoutMs,
  headerBytesMax,
  headersTimeoutMs,
  keepAliveTimeoutMs,
  requestTimeoutMs,
  stallTimeoutMs,
  timeoutCheckMs,
} from '#server/limits.ts'
import { answerChallenges } from './challenge-door.ts'
import type { Challenges } from './challenges.ts'
import type { ServerCertificate } from './server-certificate.ts'

/** Bounds in time; shorter ones serve tests. */
export interface ListenerTimes {
  readonly handshakeMs: number
  readonly headersMs: number
  readonly requestMs: number
  /** Neither a byte came nor one went: a reader that stopped reading holds what it is being sent. */
  readonly stallMs: number
  readonly checkMs: number
}

const usualTimes: ListenerTimes = {
  handshakeMs: handshakeTimeoutMs,
  headersMs: headersTimeoutMs,
  requestMs: requestTimeoutMs,
  stallMs: stallTimeoutMs,
  checkMs: timeoutCheckMs,
}

export interface TlsListenerOptions {
  readonly times?: ListenerTimes
  /** What to serve to a caller who names a host; nothing: the certificate of the listener. Not asked where all are served that one. */
  readonly contextFor?: (host: string) => SecureContext | undefined
  /** Names that are being proven to a CA. */
  readonly challenges?: Pick<Challenges, 'isEmpty' | 'contextFor'> | undefined
}

/** An HTTPS server that is not listening yet. */
export function tlsListener(
  certificate: ServerCertificate,
  handler: RequestListener,
  { times = usualTimes, contextFor, challenges }: TlsListenerOptions = {},
): https.Server {
  const server = https.createServer(
    {
      ...secureContext(certificate),
      ...httpBounds(times),
      ...(contextFor === undefined ? {} : { SNICallback: answering(contextFor) }),
      requestCert: true,
      rejectUnauthorized: false,
      handshakeTimeout: times.handshakeMs,
      ALPNProtocols: ['http/1.1'],
    },
    handler,
  )
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  if (challenges !== undefined) answerChallenges(server, challenges, times.handshakeMs)
  return bounded(server, times)
}

/**
 * Serves another certificate from the next handshake on. Open connections stay as they are; no session is resumed any more, not even
 * one under a name that `contextFor` answers, so that everybody sees what is served now.
 */
export function swapCertificate(server: https.Server, certificate: ServerCertificate): void {
  server.setSecureContext(secureContext(certificate))
}

/** What `contextFor` answers with: made once for a certificate. */
export function contextOf(certificate: ServerCertificate): SecureContext {
  return createSecureContext(secureContext(certificate))
}

function answering(contextFor: (host: string) => SecureContext | undefined) {
  return (host: string, answer: (error: Error | null, context?: SecureContext) => void): void =>
    answer(null, contextFor(host))
}

/** An HTTP server that is not listening yet: nobody is asked who he is. */
export function plainListener(handler: RequestListener, times = usualTimes): Server {
  return bounded(http.createServer(httpBounds(times), handler), times)
}

/** All that belongs to the context: a swap forgets whatever is not said again. */
function secureContext({ chain, key }: ServerCertificate): SecureContextOptions {
  return { cert: chain, key, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3', ciphers: cipherSuites }
}

/** With forward secrecy and authenticated encryption only: in TLS 1.3 all are, in 1.2 these. */
export const cipherSuites = [
  ...['TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256'],
  ...['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'],
  ...['ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-RSA-CHACHA20-POLY1305'],
  ...['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'],
].join(':')

function httpBounds(times: ListenerTimes): http.ServerOptions {
  return {
    maxHeaderSize: headerBytesMax,
    headersTimeout: times.headersMs,
    requestTimeout: times.requestMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    connectionsCheckingInterval: times.checkMs,
    // Whether there is one, and one only, is checked with an answer in words.
    requireHostHeader: false,
  }
}

function bounded<S extends Server>(server: S, { stallMs }: ListenerTimes): S {
  server.maxConnections = connectionsMax
  // Their size is bounded together. With a bound of its own the rest would be left out without a word.
  server.maxHeadersCount = 0
  server.setTimeout(stallMs)
  // A peer that vanished or broke its own TLS is its business, and must not become an uncaught error.
  server.on('connection', (socket: Socket) => socket.on('error', () => socket.destroy()))
  // Neither is a connection that could not be taken, for want of file descriptors, the end of the others.
  server.on('error', () => undefined)
  return server
}
