/** Queries in RQL. */

import type { FastifyReply, FastifyRequest } from 'fastify'
import { readDatabase } from '#server/access/actions.ts'
import type { Databases } from '#server/database/databases.ts'
import { pageSizeDefault } from '#server/limits.ts'
import { plainQueryRequest, type QueryRequest, queryRequest } from '#server/query/request.ts'
import { runQuery } from '#server/query/run.ts'
import type { Clock } from '#shared/clock.ts'
import { sendMissing, sendPieces, sendUnchanged } from '../answers.ts'
import { bodyOf, flag, versionIn, wholeNumber } from '../parameters.ts'
import { queryValue } from '../query-values.ts'
import type { Routes } from '../route.ts'
import { databaseOf } from './database-of.ts'

export interface QueryParts {
  readonly databases: Databases
  readonly clock: Clock
}

/** They change what is answered. There are no time series, no spatial fields and no stale results, so options about those are honoured. */
const unsupported = {
  debug: [''],
  ignoreLimit: ['false'],
  includeServerSideQuery: ['false'],
  diagnostics: ['false'],
}

export function queryRoutes(parts: QueryParts): Routes {
  const path = '/databases/:database/queries'
  return [
    {
      method: 'POST',
      path,
      action: readDatabase,
      unsupported,
      handle: (request, reply) =>
        answer(parts, { request, reply }, () => queryRequest(bodyOf(request))),
    },
    {
      method: 'GET',
      path,
      action: readDatabase,
      unsupported,
      handle: (request, reply) => answer(parts, { request, reply }, () => queryInAddress(request)),
    },
  ]
}

async function answer(
  { databases, clock }: QueryParts,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  read: () => QueryRequest | Promise<QueryRequest>,
): Promise<FastifyReply> {
  const database = await databaseOf(databases, request)
  const { source, plan, identity } = await read()
  // No index exists yet.
  if (source.kind === 'index') return sendMissing(reply)
  const metadataOnly = flag(request, 'metadataOnly')
  const known = versionIn(request, 'if-none-match')
  const found = await runQuery(database, { plan, identity, metadataOnly, known, clock })
  if (found.kind === 'unchanged') return sendUnchanged(reply)
  return sendPieces(reply, found.body, found.etag)
}

function queryInAddress(request: FastifyRequest): QueryRequest {
  return plainQueryRequest(queryValue(request, 'query') ?? '', {
    start: wholeNumber(request, 'start') ?? 0,
    pageSize: wholeNumber(request, 'pageSize') ?? pageSizeDefault,
  })
}
