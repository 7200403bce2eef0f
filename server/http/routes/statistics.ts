/** Figures of a database, and the small routes that clients ask on the way. */
import type { FastifyRequest } from 'fastify'
import { readDatabase } from '#server/access/actions.ts'
import type { Databases } from '#server/database/databases.ts'
import { type Clock, ravenDate } from '#shared/clock.ts'
import { sendMissing } from '../answers.ts'
import { requiredValue, wholeNumber } from '../parameters.ts'
import { nodeTag } from '../protocol.ts'
import type { Route, Routes } from '../route.ts'
import { databaseOf } from './database-of.ts'

export interface StatisticsParts {
  readonly databases: Databases
  readonly clock: Clock
  /** URL under which this caller reaches us. */
  readonly url: (request: FastifyRequest) => string
}

export function statisticsRoutes({ databases, clock, url }: StatisticsParts): Routes {
  return [
    get('stats', async (request) => ({
      '@metadata': {
        DateTime: ravenDate(clock.now()),
        WebUrl: url(request),
        NodeTag: nodeTag,
      },
      ...(await databaseOf(databases, request)).statistics,
    })),
    get('stats/detailed', async (request) => {
      return (await databaseOf(databases, request)).detailedStatistics
    }),
    get('stats/essential', async (request) => {
      return (await databaseOf(databases, request)).essentialStatistics
    }),
    get('collections/stats', async (request) => {
      return (await databaseOf(databases, request)).collectionStatistics
    }),
    get('collections/stats/detailed', async (request) => {
      return (await databaseOf(databases, request)).detailedCollectionStatistics
    }),
    ...smallRoutes(databases),
  ]
}

function smallRoutes(databases: Databases): Routes {
  return [
    get('healthcheck', async (request, reply) => {
      await databaseOf(databases, request)
      return reply.code(204).send()
    }),
    get('configuration/client', async (request) => {
      await databaseOf(databases, request)
      return { Etag: -1, Configuration: null }
    }),
    get('operations/next-operation-id', async (request) => {
      const database = await databaseOf(databases, request)
      return { Id: database.nextOperationId(), NodeTag: nodeTag }
    }),
    // No long operation exists yet, so none is known.
    get('operations/state', async (request, reply) => {
      await databaseOf(databases, request)
      requiredValue(request, 'id')
      wholeNumber(request, 'id')
      return sendMissing(reply)
    }),
  ]
}

function get(name: string, handle: Route['handle']): Route {
  return { method: 'GET', path: `/databases/:database/${name}`, action: readDatabase, handle }
}
