/** Administration of databases. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { adminDatabase, clusterAdmin, operator } from '#server/access/actions.ts'
import type { Audit } from '#server/audit/event.ts'
import type { Catalog, Changed } from '#server/database/catalog.ts'
import { exactMembersOf } from '#server/database/json/javascript.ts'
import { checkedDatabaseSettings } from '#server/system/database-settings.ts'
import { systemErrors } from '#server/system/errors.ts'
import { type PostedDatabase, readPostedDatabase } from '#server/system/posted-database.ts'
import { databaseKey } from '#shared/database-name.ts'
import { sendJson } from '../answers.ts'
import { auditAct } from '../audited.ts'
import { changedShape, recordShape } from '../database-shapes.ts'
import { bodyOf, repeatable, requiredValue } from '../parameters.ts'
import { nodeTag } from '../protocol.ts'
import type { Routes } from '../route.ts'

export interface DatabaseRouteParts {
  readonly catalog: Catalog
  readonly audit: Audit
  /** URL under which this caller reaches us. */
  readonly url: (request: FastifyRequest) => string
}

const path = '/admin/databases'
type Members = Readonly<Record<string, unknown>>

export function databaseRoutes(parts: DatabaseRouteParts): Routes {
  const { catalog } = parts
  return [
    {
      method: 'PUT',
      path,
      action: operator,
      handle: (request, reply) => putDatabase(parts, request, reply),
    },
    {
      method: 'GET',
      path,
      action: operator,
      handle: (request, reply) => {
        const name = requiredValue(request, 'name')
        const found = catalog.find(name)
        return found === undefined ? sendNoRecord(reply, name) : recordShape(found)
      },
    },
    {
      method: 'DELETE',
      path,
      action: operator,
      handle: (request) => deleteDatabases(parts, request),
    },
    {
      method: 'POST',
      path: `${path}/enable`,
      action: operator,
      handle: (request) => toggle(parts, request, false),
    },
    {
      method: 'POST',
      path: `${path}/disable`,
      action: operator,
      handle: (request) => toggle(parts, request, true),
    },
    {
      method: 'POST',
      path: `${path}/accept-rollback`,
      action: clusterAdmin,
      handle: (request, reply) => acceptRollback(parts, request, reply),
    },
    {
      method: 'GET',
      path: '/databases/:database/admin/record',
      action: adminDatabase,
      handle: (request) => recordShape(named(catalog, request)),
    },
    {
      method: 'PUT',
      path: '/databases/:database/admin/configuration/settings',
      action: adminDatabase,
      handle: (request, reply) => putSettings(parts, request, reply),
    },
  ]
}

/** Creates a database, or changes the record that the caller read with the `ETag` it sends. */
async function putDatabase(
  { catalog, audit, url }: DatabaseRouteParts,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const posted = readPostedDatabase(await exactMembersOf(bodyOf(request)), { nodeTag })
  const etag = recordEtag(request)
  const { index, found } =
    etag === undefined
      ? await catalog.create(posted, repeatable(request, creationWish(posted)))
      : await catalog.change(posted, etag)
  const { name, encrypted } = found.record
  const act = etag === undefined ? 'database created' : 'database record changed'
  auditAct(audit, request, { act, facts: { database: name, encrypted } })
  return sendJson(reply, JSON.stringify(changedShape(found, index, url(request))), { status: 201 })
}

/** A repeated creation is the same one only where it asks for the same. */
function creationWish(posted: PostedDatabase): readonly string[] {
  return ['create', databaseKey(posted.name), JSON.stringify(posted)]
}

/** RavenDB's clients send `"undefined"` where they read none. */
function recordEtag({ headers }: FastifyRequest): string | undefined {
  const etag = headers.etag
  const text = (Array.isArray(etag) ? etag[0] : etag)?.replaceAll('"', '')
  return text === undefined || !/^[1-9]\d*$/.test(text) ? undefined : text
}

async function deleteDatabases({ catalog, audit }: DatabaseRouteParts, request: FastifyRequest) {
  const members = await exactMembersOf(bodyOf(request))
  const fromNodes = textsIn(members, 'FromNodes')
  const foreign = fromNodes.find((node) => node !== nodeTag)
  if (foreign !== undefined) throw systemErrors.NodeUnknown(foreign.slice(0, 20))
  const hard = flagIn(members, 'HardDelete')
  let last = -1
  for (const name of textsIn(members, 'DatabaseNames')) {
    const wish = ['delete', databaseKey(name), String(hard)]
    const index = await catalog.delete(name, { hard, request: repeatable(request, wish) })
    if (index === undefined) continue
    last = index
    auditAct(audit, request, { act: 'database deleted', facts: { database: name, hard } })
  }
  return { RaftCommandIndex: last, PendingDeletes: fromNodes }
}

async function toggle(
  { catalog, audit }: DatabaseRouteParts,
  request: FastifyRequest,
  disabled: boolean,
) {
  const status: object[] = []
  for (const name of textsIn(await exactMembersOf(bodyOf(request)), 'DatabaseNames')) {
    const changed = await catalog.setDisabled(name, disabled)
    status.push(toggledShape(name, disabled, changed))
    if (changed === undefined) continue
    const act = disabled ? 'database disabled' : 'database enabled'
    auditAct(audit, request, { act, facts: { database: name } })
  }
  return { Status: status }
}

function toggledShape(name: string, disabled: boolean, changed: Changed | undefined) {
  if (changed === undefined) return { Name: name, Success: false, Reason: 'It does not exist' }
  const reason = `It is ${disabled ? 'disabled' : 'enabled'} now`
  return { Name: changed.found.record.name, Success: true, Disabled: disabled, Reason: reason }
}

async function acceptRollback(
  { catalog, audit }: DatabaseRouteParts,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const { name } = await catalog.acceptRollback(requiredValue(request, 'name'))
  auditAct(audit, request, { act: 'older state of database accepted', facts: { database: name } })
  return reply.code(204).send()
}

async function putSettings(
  { catalog, audit }: DatabaseRouteParts,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const { record } = named(catalog, request)
  const settings = checkedDatabaseSettings(await exactMembersOf(bodyOf(request)))
  await catalog.configure(record.name, settings)
  const facts = { database: record.name, settings: Object.keys(settings).join(' ') }
  auditAct(audit, request, { act: 'database settings changed', facts })
  return reply.code(201).send()
}

function named(catalog: Catalog, request: FastifyRequest) {
  const { database: name } = request.params as { readonly database: string }
  const found = catalog.find(name)
  if (found === undefined) throw systemErrors.DatabaseDoesNotExist(name)
  return found
}

/** A list that is not there is empty; one of anything but texts says something that would be left out. */
function textsIn(members: Members, name: string): readonly string[] {
  const value = members[name] ?? []
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
  throw systemErrors.DatabaseRecordInvalid(`${name} must be a list of texts`)
}

function flagIn(members: Members, name: string): boolean {
  const value = members[name] ?? false
  if (typeof value === 'boolean') return value
  throw systemErrors.DatabaseRecordInvalid(`${name} must be true or false`)
}

function sendNoRecord(reply: FastifyReply, name: string): FastifyReply {
  const { message, headers } = systemErrors.DatabaseRecordMissing(name)
  return sendJson(reply.headers(headers), JSON.stringify({ Type: 'Error', Message: message }), {
    status: 404,
  })
}
