/**
 * What a server tells its cluster administrators about itself: `GET /admin/strongroom/state`. RavenDB has no such route; its
 * names follow RavenDB's casing. The operator reads it, the server writes it: a change here that one side misses does not compile.
 */
import { type Static, Type } from '#shared/schema/type.ts'

export const databaseStateSchema = Type.Object({
  Name: Type.String(),
  /** Random id, 22 characters of base64. */
  Id: Type.String(),
  Encrypted: Type.Boolean(),
  Disabled: Type.Boolean(),
  /** Code of the error that keeps it from serving, e.g. `DatabaseRolledBack`; null where it serves. */
  Quarantine: Type.Union([Type.String(), Type.Null()]),
})

export const serverStateSchema = Type.Object({
  /** Id of the server store, made at first start. Another id is another store. */
  StoreId: Type.String(),
  /** Commit counter of the server store: only grows. A lower one than seen before means that an older copy was put back. */
  StoreCommit: Type.Integer({ minimum: 0 }),
  Version: Type.String(),
  /** Ids of the master keys that are loaded; the first is active. */
  MasterKeyIds: Type.Array(Type.String()),
  Databases: Type.Array(databaseStateSchema),
  /** SHA-256 (hex) of the certificates as served: under the internal names, and under all others. */
  Serves: Type.Object({
    Internal: Type.Union([Type.String(), Type.Null()]),
    Public: Type.Union([Type.String(), Type.Null()]),
  }),
})

export type ServerState = Static<typeof serverStateSchema>
export type DatabaseState = Static<typeof databaseStateSchema>
