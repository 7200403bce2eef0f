/**
 * What was answered to changes that a client may repeat: it sends the same `raft-request-id` when it did not hear the answer.
 *
 * The id is written together with the change itself, so that a change is never done twice and never remembered without having
 * happened. Of databases only creation and deletion need it: the others do the same however often they are done. Changes of
 * certificates all need it, lest a repetition take back what somebody did in between.
 */
import { createHash } from 'node:crypto'
import { type Static, Type } from 'typebox'
import { requestIdsMax } from '#server/limits.ts'
import { systemErrors } from './errors.ts'
import type { SystemChange, SystemStore } from './system.types.ts'
import { defineSystemTable } from './table.ts'

const remembered = Type.Object({
  done: Type.Literal(true),
  /** Older records leave it out: they are of another spelling of keys, and only wait to be forgotten. */
  content: Type.Optional(Type.String()),
})
const requestTable = defineSystemTable('requests', remembered)

/** What a client asked for, and the id it gave the request. */
export interface RepeatableRequest {
  readonly id: string
  /** Verb and name of this change: a request may ask for several, such as deleting two databases. */
  readonly wish: readonly string[]
  /** What the whole request says, or a hash of it. */
  readonly content?: string
}

/**
 * Index of the write that did this before; undefined for a new request. Throws `RequestIdReused` for an id under which something else
 * was asked: it was neither done before nor may it be done under that id.
 */
export function indexOfRepeated(
  system: SystemStore,
  request: RepeatableRequest | undefined,
): number | undefined {
  if (request === undefined) return undefined
  const known = system.get<Static<typeof remembered>>(requestTable, keyOf(request))
  const sameId = known === undefined ? ofId(system, request.id) : [known]
  if (sameId.some(({ record }) => record.content !== contentOf(request)))
    throw systemErrors.RequestIdReused(request.id)
  return known?.version
}

/** The changes that remember a request, to be written along with what it does; the oldest ones beyond the bound are forgotten. */
export function remembering(
  system: SystemStore,
  request: RepeatableRequest | undefined,
): SystemChange[] {
  if (request === undefined) return []
  const oldestFirst = system.list(requestTable).sort((a, b) => a.version - b.version)
  const record = { done: true, content: contentOf(request) } as const
  const surplus = oldestFirst.slice(0, Math.max(0, oldestFirst.length + 1 - requestIdsMax))
  return [
    ...surplus.map(({ key }) => ({ table: requestTable, key })),
    { table: requestTable, key: keyOf(request), record, version: 0 },
  ]
}

/** All changes that were asked for under that id. */
function ofId(system: SystemStore, id: string) {
  return system.list(requestTable).filter(({ key }) => key.startsWith(prefixOf(id)))
}

function keyOf({ id, wish }: RepeatableRequest): string {
  return prefixOf(id) + hashOf(JSON.stringify(wish))
}

function prefixOf(id: string): string {
  return `${hashOf(id)}/`
}

function contentOf({ content = '' }: RepeatableRequest): string {
  return content
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
