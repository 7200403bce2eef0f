/** Documents one by one, by ids, by prefix, newest first. */

import type { FastifyReply, FastifyRequest } from 'fastify'
import { readDatabase, writeDatabase } from '#server/access/actions.ts'
import { changeVector } from '#server/database/change-vector.ts'
import type { Database } from '#server/database/database.ts'
import type { Databases } from '#server/database/databases.ts'
import type { PrefixRequest } from '#server/database/documents.ts'
import { databaseErrors } from '#server/database/errors.ts'
import { scanJsonObjectInSteps } from '#server/database/json/scan.ts'
import { inSlices } from '#server/database/slices.ts'
import {
  bodyBytesMax,
  idPatternsMax,
  includePathsMax,
  loadIdsMax,
  pageSizeDefault,
} from '#server/limits.ts'
import { sendFound, sendJson, sendMissing, sendPieces, sendUnchanged } from '../answers.ts'
import { allValues, bodyOf, flag, requiredValue, versionIn, wholeNumber } from '../parameters.ts'
import { queryValue } from '../query-values.ts'
import type { Routes } from '../route.ts'
import { databaseOf } from './database-of.ts'

/** `documentBytesMax`: larger bodies of a PUT are refused before they are read. */
export function documentRoutes(databases: Databases, documentBytesMax = bodyBytesMax): Routes {
  const path = '/databases/:database/docs'
  return [
    {
      method: 'GET',
      path,
      action: readDatabase,
      unsupported,
      handle: async (request, reply) => {
        const database = await databaseOf(databases, request)
        return answerIds({ database, request, reply }, allValues(request, 'id'))
      },
    },
    {
      method: 'POST',
      path,
      action: readDatabase,
      unsupported,
      handle: async (request, reply) => {
        const database = await databaseOf(databases, request)
        return answerIds({ database, request, reply }, await idsIn(bodyOf(request)))
      },
    },
    {
      method: 'HEAD',
      path,
      action: readDatabase,
      handle: async (request, reply) => {
        const database = await databaseOf(databases, request)
        const version = database.version(requiredValue(request, 'id'))
        if (version === undefined) return sendMissing(reply)
        if (version === versionIn(request, 'if-none-match')) return sendUnchanged(reply)
        return sendFound(reply, `"${version}"`)
      },
    },
    {
      method: 'PUT',
      path,
      action: writeDatabase,
      bodyBytesMax: documentBytesMax,
      handle: async (request, reply) => {
        const database = await databaseOf(databases, request)
        const id = requiredValue(request, 'id')
        const stored = await database.put(id, bodyOf(request), versionIn(request, 'if-match'))
        const version = changeVector(stored.etag, database.id)
        const body = `{"Id":${JSON.stringify(stored.id)},"ChangeVector":"${version}"}`
        return sendJson(reply, body, { status: 201 })
      },
    },
    {
      method: 'DELETE',
      path,
      action: writeDatabase,
      handle: async (request, reply) => {
        const database = await databaseOf(databases, request)
        await database.delete(requiredValue(request, 'id'), versionIn(request, 'if-match'))
        return reply.code(204).send()
      },
    },
  ]
}

interface Asked {
  readonly database: Database
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

/** What a load can ask for besides documents, and this version does not have. */
const unsupported = {
  ...{ counter: [], timeseries: [], timeseriestime: [], timeseriescount: [] },
  ...{ revisions: [], revisionsBefore: [], cmpxchg: [], txMode: ['singlenode'] },
}

/** Without ids everything is listed. */
async function answerIds(asked: Asked, ids: readonly string[]): Promise<FastifyReply> {
  if (ids.length === 0) return answerList(asked)
  const { database, request, reply } = asked
  const includes = bounded(allValues(request, 'include'), 'include paths', includePathsMax)
  const known = versionIn(request, 'if-none-match')
  const metadataOnly = flag(request, 'metadataOnly')
  const loaded = await database.load({ ids, includes, metadataOnly }, known)
  switch (loaded.kind) {
    case 'missing':
      // What a client remembers of a document that was not there.
      return known === '404 Response' ? sendUnchanged(reply) : sendMissing(reply)
    case 'unchanged':
      return sendUnchanged(reply)
    case 'found':
      return sendPieces(reply, loaded.body, `"${loaded.etag}"`)
    default:
      return loaded satisfies never
  }
}

async function answerList({ database, request, reply }: Asked): Promise<FastifyReply> {
  const known = versionIn(request, 'if-none-match')
  if (known !== undefined && known === database.listVersion) return sendUnchanged(reply)
  const page = {
    start: wholeNumber(request, 'start') ?? 0,
    pageSize: wholeNumber(request, 'pageSize') ?? pageSizeDefault,
  }
  const metadataOnly = flag(request, 'metadataOnly')
  const { etag, body } = database.list(prefixIn(request), page, metadataOnly)
  return sendPieces(reply, body, `"${etag}"`)
}

function prefixIn(request: FastifyRequest): PrefixRequest | undefined {
  const prefix = queryValue(request, 'startswith')
  if (prefix === undefined) return undefined
  const startAfter = queryValue(request, 'startafter')
  return {
    prefix,
    matches: patternsIn(request, 'matches'),
    exclude: patternsIn(request, 'exclude'),
    ...(startAfter === undefined || startAfter === '' ? {} : { startAfter }),
  }
}

function patternsIn(request: FastifyRequest, name: string): readonly string[] {
  const patterns = (queryValue(request, name) ?? '').split('|').filter((pattern) => pattern !== '')
  return bounded(patterns, `patterns in "${name}"`, idPatternsMax)
}

function bounded<T>(values: readonly T[], what: string, countMax: number): readonly T[] {
  if (values.length > countMax) throw databaseErrors.LoadTooLarge(what, values.length, countMax)
  return values
}

/** `Ids` of the body; what is no text names no document. */
async function idsIn(body: Buffer): Promise<readonly string[]> {
  const root = await inSlices(scanJsonObjectInSteps(body, 2))
  const ids = root.get('Ids')
  if (ids?.kind !== 'array') throw databaseErrors.LoadWithoutIds()
  return bounded(ids.children, 'ids', loadIdsMax).map((id) => id.string ?? '')
}
