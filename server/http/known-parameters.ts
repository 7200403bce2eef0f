/** Names in the address that a route reads: where it declares them, every other is refused, and each may be there once. */
import type { FastifyRequest } from 'fastify'
import { errors } from '#server/errors.ts'
import { nearestOf } from '#shared/nearest.ts'
import { queryValues } from './query-values.ts'

/** Clients give any request an id, and begin a query string with `?&`. */
const everywhere = ['raft-request-id', '']

/** Throws `QueryValueUnknown`, `QueryValueRepeated`. */
export function demandKnownParameters(request: FastifyRequest, names: readonly string[]): void {
  const known = new Map(names.map((name) => [name.toLowerCase(), name]))
  for (const [name, values] of queryValues(request)) {
    if (!known.has(name) && !everywhere.includes(name)) {
      throw errors.QueryValueUnknown(name.slice(0, 60), nearestOf(name, names) ?? 'none')
    }
    if (values.length > 1 && name !== '') throw errors.QueryValueRepeated(known.get(name) ?? name)
  }
}
