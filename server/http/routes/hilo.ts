/** HiLo: ranges of numbers that clients give to new documents themselves. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { writeDatabase } from '#server/access/actions.ts'
import type { Databases } from '#server/database/databases.ts'
import type { HiloNext, HiloReturn } from '#server/database/write-set.ts'
import { errors } from '#server/errors.ts'
import { ravenDate } from '#shared/clock.ts'
import { sendJson } from '../answers.ts'
import { requiredValue, wholeNumber } from '../parameters.ts'
import { jsonType, nodeTag } from '../protocol.ts'
import { queryValue } from '../query-values.ts'
import type { Routes } from '../route.ts'
import { databaseOf } from './database-of.ts'

export function hiloRoutes(databases: Databases): Routes {
  return [
    {
      method: 'GET',
      path: '/databases/:database/hilo/next',
      action: writeDatabase,
      handle: (request, reply) => answerNext(databases, request, reply),
    },
    {
      method: 'PUT',
      path: '/databases/:database/hilo/return',
      action: writeDatabase,
      handle: async (request, reply) => {
        const database = await databaseOf(databases, request)
        await database.hilo(returnIn(request))
        return reply.code(200).type(jsonType).send()
      },
    },
  ]
}

async function answerNext(
  databases: Databases,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const database = await databaseOf(databases, request)
  const tag = requiredValue(request, 'tag')
  const { low, high, at } = await database.hilo(nextIn(request, tag))
  const range = {
    Prefix: tag + (queryValue(request, 'identitypartsseparator') ?? '/'),
    Low: low,
    High: high,
    LastSize: high - low + 1,
    ServerTag: nodeTag,
    LastRangeAt: ravenDate(at),
  }
  return sendJson(reply, JSON.stringify(range), { status: 201 })
}

function nextIn(request: FastifyRequest, tag: string): HiloNext {
  const lastRangeAt = momentOf(queryValue(request, 'lastrangeat') ?? '')
  return {
    kind: 'hilo-next',
    tag,
    lastSize: wholeNumber(request, 'lastBatchSize') ?? 0,
    lastMax: wholeNumber(request, 'lastMax') ?? 0,
    ...(lastRangeAt === undefined ? {} : { lastRangeAt }),
  }
}

function returnIn(request: FastifyRequest): HiloReturn {
  const tag = requiredValue(request, 'tag')
  const [end, last] = ['end', 'last'].map((name) => {
    const value = wholeNumber(request, name)
    if (value === undefined) throw errors.QueryValueMissing(name)
    return value
  })
  return { kind: 'hilo-return', tag, end: end ?? 0, last: last ?? 0 }
}

/** Milliseconds of a moment as clients write it: in UTC with or without a `Z`. What is none says nothing. */
function momentOf(text: string): number | undefined {
  const moment = Date.parse(/z$/i.test(text) ? text : `${text}Z`)
  return Number.isNaN(moment) ? undefined : moment
}
