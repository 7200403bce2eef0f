/**
 * Options of RavenDB's routes that this version does not have. A caller who asks for one is told so before his body is read: an option
 * that is dropped in silence is a promise that nobody keeps.
 */
import type { FastifyRequest } from 'fastify'
import { errors } from '#server/errors.ts'
import { foldCase } from '#shared/fold-case.ts'
import { queryValues } from './query-values.ts'
import type { UnsupportedOptions } from './route.ts'

/** @throws OptionNotSupported */
export function refuseUnsupportedOptions(
  request: FastifyRequest,
  unsupported: UnsupportedOptions,
): void {
  for (const [name, harmless] of Object.entries(unsupported)) {
    const values = queryValues(request).get(foldCase(name)) ?? []
    if (values.some((value) => !harmless.includes(foldCase(value))))
      throw errors.OptionNotSupported(name)
  }
}
