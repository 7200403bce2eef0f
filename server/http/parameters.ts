/** Values of the address, read strictly: a name that must be there once, a number, a flag. Refusals are RavenDB's. */
import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { errors } from '#server/errors.ts'
import { queryValue, queryValues } from './query-values.ts'

/** The one value of a name, which must say something. */
export function requiredValue(request: FastifyRequest, name: string): string {
  const values = queryValues(request).get(name.toLowerCase()) ?? []
  const [value = ''] = values
  if (value.trim() === '') throw errors.QueryValueMissing(name)
  if (values.length > 1) throw errors.QueryValueRepeated(name)
  return value
}

/** A whole number, or nothing where the name is not there. */
export function wholeNumber(request: FastifyRequest, name: string): number | undefined {
  const value = queryValue(request, name.toLowerCase())
  if (value === undefined) return undefined
  const number = /^\s*-?\d{1,16}\s*$/.test(value) ? Number(value) : Number.NaN
  if (!Number.isSafeInteger(number)) throw errors.QueryValueInvalid(name, 'a whole number')
  return number
}

/** Milliseconds of a .NET time span such as `00:00:15`, `1.02:03:04.5` or `2` (days); nothing where the name is not there. */
export function timeSpan(request: FastifyRequest, name: string): number | undefined {
  const value = queryValue(request, name.toLowerCase())?.trim()
  if (value === undefined) return undefined
  const whole = /^(-?)(\d{1,8})$/.exec(value)
  const parts =
    /^(-?)(?:(\d{1,8})\.)?([01]?\d|2[0-3]):([0-5]?\d)(?::([0-5]?\d(?:\.\d{1,7})?))?$/.exec(value)
  const found = whole ?? parts
  if (found === null) throw errors.QueryValueInvalid(name, 'a time such as 00:00:15')
  const [, sign, days = 0, hours = 0, minutes = 0, seconds = 0] = found
  const total = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)
  return (sign === '-' ? -1 : 1) * Math.round(total * 1000)
}

/** True for `true` in any case; a name that is not there is what `otherwise` says. */
export function flag(request: FastifyRequest, name: string, otherwise = false): boolean {
  const value = queryValue(request, name.toLowerCase())?.toLowerCase()
  if (value === undefined) return otherwise
  if (value === 'false') return false
  if (value !== 'true') throw errors.QueryValueInvalid(name, 'true or false')
  return true
}

/** All values of a name, in order. */
export function allValues(request: FastifyRequest, name: string): readonly string[] {
  return queryValues(request).get(name.toLowerCase()) ?? []
}

/** What a client may send again, where it gave the request an id; nobody else is given the answer of an earlier one. */
export function repeatable(
  request: FastifyRequest,
  wish: readonly string[],
): { readonly id: string; readonly wish: readonly string[]; readonly content: string } | undefined {
  const ids = queryValues(request).get('raft-request-id') ?? []
  if (ids.length > 1) throw errors.QueryValueRepeated('raft-request-id')
  const [id = ''] = ids
  return id === '' ? undefined : { id, wish, content: contentHash(request) }
}

/** Of all that a repeated request says again: method, address and body. */
function contentHash(request: FastifyRequest): string {
  const address = [...queryValues(request)].filter(([name]) => name !== 'raft-request-id').sort()
  const path = request.originalUrl.split('?', 1)[0]
  return createHash('sha256')
    .update(JSON.stringify([request.method, path, address]))
    .update(bodyOf(request))
    .digest('hex')
}

/** A version in a header such as `If-None-Match`, without its quotes, which some clients leave out. */
export function versionIn(
  request: FastifyRequest,
  header: 'if-match' | 'if-none-match',
): string | undefined {
  const value = request.headers[header]
  if (value === undefined) return undefined
  return value.length >= 2 && value.startsWith('"') && value.endsWith('"')
    ? value.slice(1, -1)
    : value
}

/** The body as bytes; empty where there is none. */
export function bodyOf(request: FastifyRequest): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
}
