/** Query strings as RavenDB's clients write them: names in any case, `?&id=…` with an empty part, flags without a value, stray `%`. */
import type { FastifyRequest } from 'fastify'
import { foldCase } from '#shared/fold-case.ts'
import type { QueryValues } from './route.ts'

/** The values of the request's query string. Parsed once for each request, by the server's own query parser. */
export function queryValues(request: FastifyRequest): QueryValues {
  return request.query as QueryValues
}

/** The first value of a name (given in lower case), or nothing. */
export function queryValue(request: FastifyRequest, name: string): string | undefined {
  return queryValues(request).get(name)?.[0]
}

/** Parses what stands behind the `?`. A flag without value has the empty text as its value. Never throws. */
export function parsedQuery(text: string): QueryValues {
  const values = new Map<string, string[]>()
  for (const part of text.split('&')) {
    if (part === '') continue
    const equals = part.indexOf('=')
    const name = foldCase(leniently(equals < 0 ? part : part.slice(0, equals)))
    const value = equals < 0 ? '' : leniently(part.slice(equals + 1))
    const known = values.get(name)
    if (known === undefined) values.set(name, [value])
    else known.push(value)
  }
  return values
}

function leniently(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  return decodeURIComponent(escapedStrays(spaced))
}

/**
 * The text with every `%` that does not begin a well-formed escape written as `%25`, so that decoding it cannot fail:
 * the clients put names of databases into URLs as they are, `100%` among them.
 */
export function escapedStrays(text: string): string {
  if (!text.includes('%')) return text
  const escaped = text.replace(/%(?![0-9a-f]{2})/gi, '%25')
  try {
    decodeURIComponent(escaped)
    return escaped
  } catch {
    // Escapes that are no UTF-8, such as `%ff`: taken as they stand.
    return escaped.replace(/%(?!25)/g, '%25')
  }
}
