/**
 * Bodies are bytes: clients label JSON in several ways or not at all, and garbage in the label hurts nobody. One is read once the caller is
 * let in, as far as it may go; of a refused one the rest is not read.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { errors } from '#server/errors.ts'
import { lingerMs } from '#server/limits.ts'
import type { BodyBudget, BodyShare } from './body-budget.ts'
import { codedError } from './problem.ts'

/** How bodies are taken by this server. */
export function acceptBodies(app: FastifyInstance, budget: BodyBudget): void {
  const shares = new WeakMap<FastifyRequest, BodyShare>()
  const waiting = waitForContinue(app.server)
  app.removeAllContentTypeParsers()
  app.addHook('preParsing', async (request, reply, payload) => {
    if (declaredBytes(request) > request.routeOptions.bodyLimit) throw errors.BodyTooLarge()
    if (waiting.delete(request.raw)) reply.raw.writeContinue()
    const share = budget.share(callersOf(request))
    shares.set(request, share)
    reply.raw.once('close', () => share.release())
    return payload
  })
  app.addContentTypeParser('*', (request: FastifyRequest, payload: Readable) =>
    readBody(payload, {
      bytesMax: request.routeOptions.bodyLimit,
      declared: declaredBytes(request),
      share: shares.get(request),
    }),
  )
  app.addHook('onSend', async (request, reply) => {
    if (request.raw.complete !== false) return
    reply.header('connection', 'close')
    lingerAtClose(request.raw.socket)
  })
}

/** What `Content-Length` says; 0 where it says nothing. */
function declaredBytes({ headers }: FastifyRequest): number {
  return Number(headers['content-length'] ?? 0)
}

function callersOf({ ip, identity }: FastifyRequest): string[] {
  // In tests of a few routes nobody is asked who he is.
  const isKnown = identity?.kind === 'registered'
  return isKnown ? [ip, identity.certificate.thumbprint] : [ip]
}

/** Requests that wait for `100 Continue`: it is sent once the body is wanted, not before. */
function waitForContinue(server: Server): Set<IncomingMessage> {
  const waiting = new Set<IncomingMessage>()
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    waiting.add(request)
    response.once('close', () => waiting.delete(request))
    server.emit('request', request, response)
  })
  return waiting
}

interface Reading {
  readonly bytesMax: number
  readonly declared: number
  readonly share: BodyShare | undefined
}

/** Rejects with `BodyTooLarge`, `ServerBusy`, `CallerBusy`, `RequestCut`. */
function readBody(payload: Readable, reading: Reading): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const pieces = piecesOf(reading)
  const onData = (piece: Buffer): void => {
    try {
      pieces.add(piece)
    } catch (error) {
      stop(() => reject(error))
    }
  }
  const onEnd = (): void => stop(() => resolve(pieces.whole()))
  const onCut = (): void => stop(() => reject(errors.RequestCut()))
  const onError = (error: unknown): void => stop(() => reject(codedError(error)))
  const stop = (end: () => void): void => {
    payload.off('data', onData).off('end', onEnd).off('close', onCut)
    payload.pause()
    end()
  }
  // Errors that come later are nobody's, and must not be uncaught.
  payload.on('data', onData).once('end', onEnd).once('close', onCut).on('error', onError)
  return promise
}

/** With a declared length they go into one buffer from the start, so that the body is never there twice. */
function piecesOf({ bytesMax, declared, share }: Reading) {
  const whole = declared > 0 ? Buffer.allocUnsafeSlow(declared) : undefined
  const pieces: Buffer[] = []
  let bytes = 0
  return {
    add: (piece: Buffer): void => {
      if (bytes + piece.length > bytesMax) throw errors.BodyTooLarge()
      share?.add(piece.length)
      if (whole === undefined) pieces.push(piece)
      else piece.copy(whole, bytes)
      bytes += piece.length
    },
    whole: (): Buffer => whole?.subarray(0, bytes) ?? Buffer.concat(pieces, bytes),
  }
}

/**
 * A connection that is closed while bytes of the caller are still on their way is reset, and he may never see the answer. So it stays a
 * moment longer, in which nothing is made of what comes.
 */
function lingerAtClose(socket: Socket): void {
  socket.destroySoon = () => {
    socket.end()
    const cut = setTimeout(() => socket.destroy(), lingerMs)
    socket.once('close', () => clearTimeout(cut))
  }
}
