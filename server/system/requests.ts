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
import type { SystemChange, SystemStore } from './system.types.ts'
import { defineSystemTable } from './table.ts'

const remembered = Type.Object({ done: Type.Literal(true) })
const requestTable = defineSystemTable('requests', remembered)

/** What a client asked for, and the id it gave the request. */
export interface RepeatableRequest {
  readonly id: string
  /** Verb and name: the same id with another wish is another request. */
  readonly wish: readonly string[]
}

/** Index of the write that did this before; undefined for a new request. */
export function indexOfRepeated(
  system: SystemStore,
  request: RepeatableRequest | undefined,
): number | undefined {
  if (request === undefined) return undefined
  return system.get<Static<typeof remembered>>(requestTable, keyOf(request))?.version
}

/** The changes that remember a request, to be written along with what it does; the oldest ones beyond the bound are forgotten. */
export function remembering(
  system: SystemStore,
  request: RepeatableRequest | undefined,
): SystemChange[] {
  if (request === undefined) return []
  const oldestFirst = system.list(requestTable).sort((a, b) => a.version - b.version)
  const surplus = oldestFirst.slice(0, Math.max(0, oldestFirst.length + 1 - requestIdsMax))
  return [
    ...surplus.map(({ key }) => ({ table: requestTable, key })),
    { table: requestTable, key: keyOf(request), record: { done: true }, version: 0 },
  ]
}

function keyOf({ id, wish }: RepeatableRequest): string {
  return createHash('sha256')
    .update(JSON.stringify([id, ...wish]))
    .digest('hex')
}
