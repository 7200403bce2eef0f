/** Records of databases in the server store, by their folded name. */
import { type Static, Type } from 'typebox'
import { wrappedKey } from '#server/keys/ring.ts'
import { databaseKey } from '#shared/database-name.ts'
import type { SystemStore, Versioned } from './system.types.ts'
import { defineSystemTable } from './table.ts'

const databaseRecord = Type.Object({
  /** As its creator wrote it. */
  name: Type.String(),
  /** 22 characters of base64, random: bound into every page, and the name of its folder. */
  id: Type.String({ minLength: 22, maxLength: 22 }),
  /**
   * What clients know it by in change vectors and etags, where that is not `id`: a database whose older state was accepted numbers its
   * documents anew from there, so what it gives out must not look like what it gave out before.
   */
  publicId: Type.Optional(Type.String({ minLength: 22, maxLength: 22 })),
  /**
   * `creating` and `deleting` are finished by the next start; `softDeleted` does not exist for anybody but who creates it again.
   */
  state: Type.Enum(['creating', 'ready', 'deleting', 'softDeleted']),
  disabled: Type.Boolean(),
  encrypted: Type.Boolean(),
  /** One for each epoch, oldest first; none for a plain database, nor while it is being deleted. */
  keys: Type.Array(wrappedKey),
  /** Milliseconds since 1970. */
  createdAt: Type.Number(),
  /** Random id of the topology, for clients only. */
  topologyId: Type.String(),
  settings: Type.Record(Type.String(), Type.Union([Type.String(), Type.Null()])),
  /** Members of the posted record that nobody here interprets. */
  kept: Type.Record(Type.String(), Type.Unknown()),
})
export type DatabaseRecord = Static<typeof databaseRecord>

export const databaseTable = defineSystemTable('databases', databaseRecord)

/** What clients know a database by. */
export function publicId({ id, publicId }: Pick<DatabaseRecord, 'id' | 'publicId'>): string {
  return publicId ?? id
}

/** A database that exists for its users; undefined for one that is being deleted. */
export function findDatabase(
  system: SystemStore,
  name: string,
): Versioned<DatabaseRecord> | undefined {
  const found = system.get(databaseTable, databaseKey(name))
  return found !== undefined && exists(found) ? found : undefined
}

/** All databases that exist for their users, by name without regard to case. */
export function listDatabases(system: SystemStore): Versioned<DatabaseRecord>[] {
  return system.list(databaseTable).filter(exists)
}

/** Name of the folder of a database: its id in another spelling, since base64 has slashes. */
export function databaseFolderName(id: string): string {
  return Buffer.from(id, 'base64').toString('hex')
}

function exists({ record }: Versioned<DatabaseRecord>): boolean {
  return record.state === 'creating' || record.state === 'ready'
}
