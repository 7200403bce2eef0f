/** Any error as RavenDB's answer: `{Url, Type, Message, Error}`, refusals `{Type, Message}`. The code travels in `Strongroom-Error`. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { errors } from '#server/errors.ts'
import { CodedError } from '#shared/errors.ts'
import { jsonType } from './protocol.ts'

/** Header with our own code of the error, e.g. `ConcurrencyConflict`. */
export const errorCodeHeader = 'strongroom-error'

/** Types that RavenDB answers with two members only. */
const shortTypes: ReadonlySet<string> = new Set(['InvalidAuth', 'Error'])

/** Answers with the error. What is not coded is a mistake of ours: the caller learns nothing but that. */
export function sendProblem(
  error: CodedError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  return reply
    .code(error.status)
    .headers({ ...error.headers, [errorCodeHeader]: error.code })
    .type(jsonType)
    .send(JSON.stringify(problemBody(error, request.originalUrl)))
}

/** The members of the answer's body. */
export function problemBody(error: CodedError, url: string): Readonly<Record<string, unknown>> {
  const { type, message, details } = error
  if (shortTypes.has(type)) return { Type: type, Message: message, ...details }
  return { Url: url, Type: type, Message: message, Error: `${type}: ${message}`, ...details }
}

/** The coded error behind whatever was thrown: our own, the HTTP framework's, or `Internal`. */
export function codedError(error: unknown): CodedError {
  if (error instanceof CodedError) return error
  const { code, statusCode } = (error ?? {}) as { code?: unknown; statusCode?: unknown }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return errors.BodyTooLarge()
  if (code === 'ECONNRESET') return errors.RequestCut()
  const isRequests = typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500
  if (isRequests && String(code).startsWith('FST_')) return errors.RequestMalformed()
  return errors.Internal()
}
