/**
 * Creating databases: the record first, in state `creating`, then the files, then `ready`. What stops in between is finished by
 * the next start; what fails is taken back.
 */
import type { Anchors } from '#server/system/anchors.ts'
import { type DatabaseRecord, databaseTable } from '#server/system/databases.ts'
import { systemErrors } from '#server/system/errors.ts'
import type { PostedDatabase } from '#server/system/posted-database.ts'
import { type RepeatableRequest, remembering } from '#server/system/requests.ts'
import { retried } from '#server/system/retried.ts'
import type { Versioned } from '#server/system/system.types.ts'
import type { Clock } from '#shared/clock.ts'
import { databaseKey } from '#shared/database-name.ts'
import { newDatabase, type RecordParts, revivedDatabase } from './catalog-records.ts'
import { type DeletionStep, finishDeletion } from './deletion.ts'
import type { OpenDatabases } from './open-databases.ts'

export type CreationStep = 'recorded' | 'made' | 'ready'

export interface LifecycleParts extends RecordParts {
  readonly databases: OpenDatabases
  readonly anchors: Anchors
  readonly clock: Clock
  /** Called after each step; tests stop the process there. */
  readonly onStep?: ((step: CreationStep | DeletionStep) => void) | undefined
}

/** A wish, and the id under which a client may repeat it. */
export interface Wish {
  readonly posted: PostedDatabase
  readonly request: RepeatableRequest | undefined
}

/** Index of the write that recorded it. @throws DatabaseExists, Encryption…, and what opening answers */
export async function createDatabase(parts: LifecycleParts, wish: Wish): Promise<number> {
  const { posted } = wish
  const key = databaseKey(posted.name)
  const before = parts.system.get(databaseTable, key)
  if (before === undefined) return createFresh(parts, key, wish)
  const { state } = before.record
  switch (state) {
    case 'creating':
    case 'ready':
      throw systemErrors.DatabaseExists(posted.name)
    case 'softDeleted':
      return revive(parts, before, wish)
    case 'deleting':
      await finishDeletion(parts, before)
      return createFresh(parts, key, wish)
    default:
      return state satisfies never
  }
}

/** Makes the files, if they are not there, and says that the database is ready. */
export async function finishCreation(
  { system, databases, onStep }: LifecycleParts,
  { key, record }: Pick<Versioned<DatabaseRecord>, 'key' | 'record'>,
): Promise<void> {
  await databases.open(key, record)
  onStep?.('made')
  await system.write([{ table: databaseTable, key, record: { ...record, state: 'ready' } }])
  if (record.disabled) await databases.close(key)
  onStep?.('ready')
}

async function createFresh(
  parts: LifecycleParts,
  key: string,
  { posted, request }: Wish,
): Promise<number> {
  const { system, databases, clock, onStep } = parts
  const { record, index } = await retried(async () => {
    const made = newDatabase(parts, posted, clock.now())
    const change = { table: databaseTable, key, record: made.record, version: 0 }
    const changes = [change, ...made.changes, ...remembering(system, request)]
    return { record: made.record, index: await system.write(changes) }
  })
  onStep?.('recorded')
  try {
    await databases.open(key, record)
  } catch (error) {
    await takeBack(parts, { key, record })
    throw error
  }
  await finishCreation(parts, { key, record })
  return index
}

/**
 * As a deletion: what of it fails here, the next start finishes. The caller wants to hear why the creation failed, not this. The files
 * go first: where the disk is full, their room is what the record of that needs.
 */
async function takeBack(
  parts: LifecycleParts,
  { key, record }: Pick<Versioned<DatabaseRecord>, 'key' | 'record'>,
): Promise<void> {
  await parts.databases.files.remove(record.id).catch(() => undefined)
  const deleting: DatabaseRecord = { ...record, state: 'deleting', keys: [] }
  await parts.system.write([{ table: databaseTable, key, record: deleting }])
  await finishDeletion(parts, { key, record: deleting }).catch(() => undefined)
}

/** Files and keys of a soft-deleted database are still there: they serve again. */
async function revive(
  { system, databases }: LifecycleParts,
  { key, record, version }: Versioned<DatabaseRecord>,
  { posted, request }: Wish,
): Promise<number> {
  const revived = revivedDatabase(record, posted)
  const change = { table: databaseTable, key, record: revived, version }
  const index = await system.write([change, ...remembering(system, request)])
  if (!revived.disabled) await databases.open(key, revived)
  return index
}
