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
  /** Code of the error that keeps it, or a part of it, from being served, e.g. `DatabaseRolledBack`; null where all of it is. */
  Quarantine: Type.Union([Type.String(), Type.Null()]),
})

/** What became of ordering a server certificate. Times as `2026-11-25T10:55:33.123Z`. */
export const orderReportSchema = Type.Object({
  /** When the next one is ordered; null while there is none. */
  RenewAt: Type.Union([Type.String(), Type.Null()]),
  /** When something is done next. */
  AgainAt: Type.String(),
  /** Orders that failed since the last that did not. */
  Failures: Type.Integer({ minimum: 0 }),
  /** What stands in the way, in the words of the CA. */
  Problem: Type.Union([
    Type.Object({
      Type: Type.String(),
      Detail: Type.String(),
      Name: Type.Union([Type.String(), Type.Null()]),
    }),
    Type.Null(),
  ]),
})

export const serverStateSchema = Type.Object({
  /** Id of the server store, made at first start. Another id is another store. */
  StoreId: Type.String(),
  /** Commit counter of the server store: only grows. A lower one than seen before means that an older copy was put back. */
  StoreCommit: Type.Integer({ minimum: 0 }),
  Version: Type.String(),
  /** Ids of the master keys that are loaded; the first is active. */
  MasterKeyIds: Type.Array(Type.String()),
  /** Id of the one that wraps the store's key: without it no start succeeds. Null in memory; left out by older servers. */
  NeededMasterKeyId: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  /** Those of the loaded ones that are needed no more, and may be removed. Left out by older servers. */
  RemovableMasterKeyIds: Type.Optional(Type.Array(Type.String())),
  Databases: Type.Array(databaseStateSchema),
  /** SHA-256 (hex) of the certificates as served: under the internal names, and under all others. */
  Serves: Type.Object({
    Internal: Type.Union([Type.String(), Type.Null()]),
    Public: Type.Union([Type.String(), Type.Null()]),
  }),
  /** Left out where this server orders none. */
  Order: Type.Optional(orderReportSchema),
})

export type ServerState = Static<typeof serverStateSchema>
export type OrderReport = Static<typeof orderReportSchema>
export type DatabaseState = Static<typeof databaseStateSchema>
