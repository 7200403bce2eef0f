/**
 * RavenDB's clients send `RESET /databases/…/indexes`, a method that Node's parser does not know and answers with an error.
 *
 * Where a request begins with it, the word is written over with PURGE, as long and known to the parser, and the socket is given back
 * to the server inside a wrapper that plays those bytes first. The wrapper hands out the caller's certificate, so that nothing
 * changes for access. It serves one request: its answer closes the connection, so that no socket is ever wrapped twice. A client
 * that says PURGE itself gets the same answer.
 */
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import type { FastifyInstance } from 'fastify'
import { errors } from '#server/errors.ts'
import type { CodedError } from '#shared/errors.ts'
import { errorCodeHeader, problemBody } from './problem.ts'
import { jsonType, ravenVersion } from './protocol.ts'

const unknownVerb = Buffer.from('RESET ')
const knownVerb = Buffer.from('PURGE ')

interface ParserError extends Error {
  readonly code?: string
  /** What arrived and could not be parsed. */
  readonly rawPacket?: Buffer
}

/** The answer that a socket is busy with, as Node's own handler of parser errors looks it up. */
interface BusySocket extends Socket {
  readonly _httpMessage?: { readonly headersSent: boolean } | null
}

/** A server's handler of requests that could not be parsed: the RESET verb, and everything that is really wrong. */
export function resetVerb(): (this: FastifyInstance, error: Error, socket: Socket) => void {
  const wrapped = new WeakSet<Socket>()
  return function (this: FastifyInstance, error: ParserError, socket: Socket): void {
    // The parser that failed still measures the time of its request; now that of the wrapper counts.
    if (wrapped.has(socket)) return
    if (isReset(error, socket)) {
      wrapped.add(socket)
      this.server.emit(connectionEvent(socket), new ReplayedSocket(socket, rewritten(error)))
    } else refuse(error, socket)
  }
}

/** True for the socket of a RESET: its answer must close it. */
export function isReplayed(socket: Duplex): boolean {
  return socket instanceof ReplayedSocket
}

/** Only where a request may begin: neither inside a body nor while an answer is under way. */
function isReset({ code, rawPacket }: ParserError, socket: BusySocket): boolean {
  if (code !== 'HPE_INVALID_METHOD' || isReplayed(socket) || socket._httpMessage) return false
  return rawPacket?.subarray(0, unknownVerb.length).equals(unknownVerb) === true
}

function rewritten({ rawPacket = unknownVerb }: ParserError): Buffer {
  return Buffer.concat([knownVerb, rawPacket.subarray(unknownVerb.length)])
}

function connectionEvent(socket: Socket): 'connection' | 'secureConnection' {
  return 'encrypted' in socket ? 'secureConnection' : 'connection'
}

/** What the HTTP server asks of a socket, on top of an unparsed one. */
class ReplayedSocket extends Duplex {
  readonly #socket: Socket

  constructor(socket: Socket, first: Buffer) {
    super({ allowHalfOpen: true })
    this.#socket = socket
    // The parser that failed must not see another byte of this socket.
    socket.removeAllListeners()
    this.push(first)
    socket.on('data', (bytes) => this.push(bytes) || socket.pause())
    socket.on('end', () => this.push(null))
    socket.on('error', (error) => this.destroy(error))
    socket.on('close', () => this.destroy())
    socket.on('timeout', () => this.emit('timeout'))
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#socket.write(bytes, done)
  }

  override _final(done: () => void): void {
    this.#socket.end(done)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy()
    done(error)
  }

  /** How the HTTP server closes after its last answer, whether the caller closes his side or not. */
  destroySoon(): void {
    this.end(() => this.destroy())
  }

  setTimeout(milliseconds: number, listener?: () => void): this {
    this.#socket.setTimeout(milliseconds)
    if (listener !== undefined) this.once('timeout', listener)
    return this
  }

  setKeepAlive(): this {
    return this
  }

  setNoDelay(): this {
    return this
  }

  /** True for TLS, as on the socket itself. */
  get encrypted(): boolean {
    return 'encrypted' in this.#socket
  }

  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress
  }

  get remotePort(): number | undefined {
    return this.#socket.remotePort
  }

  getPeerX509Certificate(): unknown {
    return (this.#socket as Partial<TLSSocket>).getPeerX509Certificate?.()
  }
}

/** Answers what could be told from the failure, and closes: the rest of the bytes has no meaning any more. */
function refuse(error: ParserError, socket: BusySocket): void {
  const isAnswering = socket._httpMessage?.headersSent === true
  if (error.code === 'ECONNRESET' || !socket.writable || isAnswering) {
    socket.destroy()
    return
  }
  const problem = problemOf(error)
  const body = JSON.stringify(problemBody(problem, ''))
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    `Content-Type: ${jsonType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `Raven-Server-Version: ${ravenVersion.FullVersion}`,
    `${errorCodeHeader}: ${problem.code}`,
    'Connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy())
}

function problemOf({ code }: ParserError): CodedError {
  if (code === 'HPE_HEADER_OVERFLOW') return errors.HeadersTooLarge()
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return errors.RequestTimedOut()
  return errors.RequestMalformed()
}
