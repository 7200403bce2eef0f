/** The list of databases: of those that the caller may see. One that he may not see is to him as one that is not there. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { adminDatabase, readDatabase, registered } from '#server/access/actions.ts'
import { refusal } from '#server/access/policy.ts'
import type { Catalog } from '#server/database/catalog.ts'
import { pageSizeDefault } from '#server/limits.ts'
import type { DatabaseRecord } from '#server/system/databases.ts'
import { systemErrors } from '#server/system/errors.ts'
import type { Clock } from '#shared/clock.ts'
import { databaseKey } from '#shared/database-name.ts'
import { closedItemShape, openItemShape } from '../database-shapes.ts'
import { flag, wholeNumber } from '../parameters.ts'
import { queryValue } from '../query-values.ts'
import type { Routes } from '../route.ts'

export interface DatabaseListParts {
  readonly catalog: Catalog
  readonly clock: Clock
  /** URL under which this caller reaches us. */
  readonly url: (request: FastifyRequest) => string
}

export function databaseListRoutes(parts: DatabaseListParts): Routes {
  return [
    {
      method: 'GET',
      path: '/databases',
      action: registered,
      handle: (request, reply) => answerList(parts, request, reply),
    },
  ]
}

/** All databases that the caller may read, or the one that is named; one that he may not read is not there for him. */
async function answerList(parts: DatabaseListParts, request: FastifyRequest, reply: FastifyReply) {
  const wanted = queryValue(request, 'name') ?? ''
  const visible = parts.catalog
    .list()
    .map(({ record }) => record)
    .filter((record) => may(parts, request, { record, action: readDatabase }))
  if (wanted !== '') {
    const found = visible.find((record) => databaseKey(record.name) === databaseKey(wanted))
    if (found === undefined) return sendNoDatabase(reply, wanted)
    return { Databases: [await itemOf(parts, request, found)] }
  }
  const start = Math.max(0, wholeNumber(request, 'start') ?? 0)
  const pageSize = Math.max(0, wholeNumber(request, 'pageSize') ?? pageSizeDefault)
  const page = visible.slice(start, start + pageSize)
  if (flag(request, 'namesOnly')) return { Databases: page.map(({ name }) => name) }
  const items: object[] = []
  for (const record of page) items.push(await itemOf(parts, request, record))
  return { Databases: items }
}

async function itemOf(parts: DatabaseListParts, request: FastifyRequest, record: DatabaseRecord) {
  const { catalog, clock, url } = parts
  // One that does not open is listed all the same, with the reason.
  if (!record.disabled) await catalog.open(record.name).catch(() => undefined)
  const { open, ...closed } = catalog.state(record.name)
  const isAdmin = may(parts, request, { record, action: adminDatabase })
  const item = { record, isAdmin, url: url(request) }
  if (open === undefined) return closedItemShape(item, closed)
  return openItemShape(item, { database: open.database, upTimeMs: clock.now() - open.since })
}

function may(
  { clock }: DatabaseListParts,
  { identity }: FastifyRequest,
  wish: {
    readonly record: DatabaseRecord
    readonly action: typeof readDatabase | typeof adminDatabase
  },
): boolean {
  const question = { identity, action: wish.action, database: wish.record.name, now: clock.now() }
  return refusal(question) === undefined
}

function sendNoDatabase(reply: FastifyReply, name: string): FastifyReply {
  return reply.code(404).headers(systemErrors.DatabaseRecordMissing(name).headers).send()
}
