/**
 * Deleting databases. Soft: the record says so, files and keys stay. Hard: the record says `deleting` and loses its keys, which
 * makes what is encrypted unreadable at once, then files and record go; the next start finishes what stopped in between.
 */
import type { Anchors } from '#server/system/anchors.ts'
import { type DatabaseRecord, databaseTable } from '#server/system/databases.ts'
import { systemErrors } from '#server/system/errors.ts'
import { type RepeatableRequest, remembering } from '#server/system/requests.ts'
import { dropSecret } from '#server/system/secrets.ts'
import type { SystemStore, Versioned } from '#server/system/system.types.ts'
import type { OpenDatabases } from './open-databases.ts'

export type DeletionStep = 'marked' | 'closed' | 'removed' | 'gone'

export interface DeletionParts {
  readonly system: SystemStore
  readonly databases: OpenDatabases
  readonly anchors: Anchors
  /** Called after each step; tests stop the process there. */
  readonly onStep?: ((step: DeletionStep) => void) | undefined
}

/** Index of the write that deleted it for its users. */
export async function deleteSoft(
  { system, databases }: DeletionParts,
  { key, record, version }: Versioned<DatabaseRecord>,
  request: RepeatableRequest | undefined,
): Promise<number> {
  const deleted: DatabaseRecord = { ...record, state: 'softDeleted' }
  const index = await system.write([
    { table: databaseTable, key, record: deleted, version },
    ...remembering(system, request),
  ])
  databases.release(key)
  await databases.close(key)
  return index
}

/** Index of the write that deleted it for its users. @throws DatabaseFilesNotRemoved; the next start tries again */
export async function deleteHard(
  parts: DeletionParts,
  found: Versioned<DatabaseRecord>,
  request: RepeatableRequest | undefined,
): Promise<number> {
  const { system, onStep } = parts
  const { key, record, version } = found
  const deleting: DatabaseRecord = { ...record, state: 'deleting', keys: [] }
  const index = await system.write([
    { table: databaseTable, key, record: deleting, version },
    ...dropSecret(system, record.name),
    ...remembering(system, request),
  ])
  onStep?.('marked')
  await finishDeletion(parts, { ...found, record: deleting })
  return index
}

/** Closes the database and removes everything of it that is left. */
export async function finishDeletion(
  { system, databases, anchors, onStep }: DeletionParts,
  { key, record }: Pick<Versioned<DatabaseRecord>, 'key' | 'record'>,
): Promise<void> {
  databases.release(key)
  await databases.close(key)
  onStep?.('closed')
  await databases.files.remove(record.id).catch((error: unknown) => {
    throw systemErrors.DatabaseFilesNotRemoved(record.name, String(error))
  })
  onStep?.('removed')
  await system.write([{ table: databaseTable, key }, anchors.dropping(record.id)])
  onStep?.('gone')
}
