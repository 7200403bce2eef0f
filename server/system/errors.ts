/** Errors of the server store and of what it keeps. Text: what could not be done, a colon, what was found, and the fix. */
import { defineErrors } from '#shared/errors.ts'

const client = 'Raven.Client.Exceptions.'
const badRequest = `${client}BadRequestException`
const invalidOperation = 'System.InvalidOperationException'
/** What stops a start and never reaches a client. */
const start = 'Strongroom.StartException'

export const systemErrors = defineErrors({
  /** Another write of the same record came first. */
  SystemConflict: {
    status: 409,
    type: `${client}ConcurrencyException`,
    message: (record: string, expected: number, actual: number) =>
      `Cannot write record ${record}: version ${expected} was expected, but it is ${actual}. Read it again and repeat the change`,
  },
  /** A record of the server store does not have the shape that this version writes. */
  SystemRecordDamaged: {
    status: 500,
    type: invalidOperation,
    message: (table: string) =>
      `Cannot read table "${table}" of the server store: a record in it does not fit its schema. It was written by another version, or the store is damaged`,
  },
  /** The key file of the server store is gone although the store is there. */
  ServerStoreKeyMissing: {
    status: 500,
    type: start,
    message: (file: string) =>
      `Cannot open the server store: its wrapped key "${file}" does not exist, but its data does. Restore that file from a backup`,
  },
  /** The key file of the server store cannot be read as one. */
  ServerStoreKeyDamaged: {
    status: 500,
    type: start,
    message: (file: string) =>
      `Cannot open the server store: "${file}" does not hold what this server wrote. Restore that file from a backup`,
  },
  /** The key file says that a store was made, but there is none. */
  ServerStoreMissing: {
    status: 500,
    type: start,
    message: (folder: string) =>
      `Cannot open the server store: "${folder}" has a key but no data. Restore the folder from a backup; to begin anew, with no database and no certificate of before, remove it`,
  },
  /** There are databases, but no server store: a new one could open none of them. */
  StoreMissing: {
    status: 500,
    type: start,
    message: (folder: string, databases: string) =>
      `Cannot start: there is no server store in "${folder}", but there are databases in "${databases}", whose keys and certificates it holds. Restore that folder from a backup; to begin anew without them, move "${databases}" away`,
  },
  /** The server store is older than its databases know it to be. */
  StoreRolledBack: {
    status: 500,
    type: start,
    message: (commit: number, why: string, accept: string) =>
      `Cannot start: the server store is at commit ${commit}, but ${why}: an older copy was put back, and with it what was deleted or disabled since. Put the newer one back; to accept this one, with its certificates and rights, run: ${accept}`,
  },
  /** The store in the folder is not the one that the key file was made for. */
  ServerStoreForeign: {
    status: 500,
    type: start,
    message: (file: string, wanted: string, found: string) =>
      `Cannot open the server store: "${file}" belongs to store ${wanted}, but the data beside it to store ${found}. Put back the pair that belongs together`,
  },

  // ── records of databases ─────────────────────────────────────────────────────────────────────────────────────
  DatabaseNameInvalid: {
    status: 400,
    type: badRequest,
    message: (name: string, why: string) => `Cannot use '${name}' as name of a database: ${why}`,
  },
  DatabaseRecordInvalid: {
    status: 400,
    type: badRequest,
    message: (why: string) => `Cannot use the database record: ${why}`,
  },
  /** A setting that could reach the machine, or that nobody knows. */
  DatabaseSettingRefused: {
    status: 400,
    type: badRequest,
    message: (key: string) =>
      `Cannot use the setting "${key}" for a database: it is not one of those that concern a single database and nothing outside of it; settings of the server stand in its own configuration`,
  },
  /** A part of RavenDB's record that would do nothing here. */
  DatabaseFeatureNotBuilt: {
    status: 501,
    type: `${client}NotImplementedException`,
    message: (feature: string) =>
      `Cannot use "${feature}" of the database record: this version does not have it yet, and keeping it would only look as if it did; leave it out`,
  },
  NodeUnknown: {
    status: 500,
    type: 'System.ArgumentException',
    message: (node: string) =>
      `Cannot place the database on node ${node}: the cluster has no such node`,
  },
  /** Also for a name that differs in case only. */
  DatabaseExists: {
    status: 409,
    type: `${client}ConcurrencyException`,
    message: (name: string) => `Cannot create database '${name}': it exists already`,
    details: () => ({ Id: null, ExpectedChangeVector: null, ActualChangeVector: null }),
  },
  /** A repeated request says the same; this one is another, and doing nothing would look like success. */
  RequestIdReused: {
    status: 409,
    type: 'System.InvalidOperationException',
    message: (id: string) =>
      `Cannot run the request: its raft-request-id "${id.slice(0, 60)}" was given to a request with other content; give each request an id of its own`,
  },
  /** The record was changed since the caller read it. */
  DatabaseRecordChanged: {
    status: 409,
    type: `${client}ConcurrencyException`,
    message: (name: string, expected: string, actual: number) =>
      `Cannot change the record of database '${name}': Etag ${expected} was expected, but it is ${actual}. Read it again and repeat the change`,
    details: () => ({ Id: null, ExpectedChangeVector: null, ActualChangeVector: null }),
  },
  /** Encryption is decided when a database is made. */
  EncryptionCannotChange: {
    status: 400,
    type: badRequest,
    message: (name: string, encrypted: boolean) =>
      `Cannot change "Encrypted" of database '${name}': it is ${encrypted}, and stays that; export the data into a new database`,
  },
  EncryptionNeedsHttps: {
    status: 500,
    type: invalidOperation,
    message: (name: string) =>
      `Cannot create the encrypted database '${name}': this server has no HTTPS with client certificates, so keys and data would travel in the open`,
  },
  /** `Security.Encryption.Required` is set. */
  EncryptionRequired: {
    status: 400,
    type: badRequest,
    message: (name: string) =>
      `Cannot create database '${name}': it would not be encrypted, and Security.Encryption.Required is set; leave out "Encrypted": false`,
  },

  // ── databases that cannot be used ────────────────────────────────────────────────────────────────────────────
  DatabaseDoesNotExist: {
    status: 500,
    type: `${client}Database.DatabaseDoesNotExistException`,
    message: (name: string) => `Cannot use database '${name}': it does not exist`,
  },
  /** Asked for by name among those that the caller may see. */
  DatabaseRecordMissing: {
    status: 404,
    type: `${client}Database.DatabaseDoesNotExistException`,
    message: (name: string) => `Cannot find database '${name}': there is none of that name`,
    headers: (name: string) => ({ 'Database-Missing': encodeURIComponent(name) }),
  },
  DatabaseDisabled: {
    status: 503,
    type: `${client}Database.DatabaseDisabledException`,
    message: (name: string) =>
      `Cannot use database '${name}': it is disabled; ask an operator to enable it`,
  },
  /** The folder of a database that was made is gone, or empty; a new one would hide that. */
  DatabaseFilesMissing: {
    status: 503,
    type: `${client}Database.DatabaseLoadFailureException`,
    message: (name: string, folder: string) =>
      `Cannot open database '${name}': its files are not in "${folder}" any more; put them back, or delete the database`,
  },
  /** The system failed, not the database: the next request tries again. */
  DatabaseNotOpened: {
    status: 503,
    type: `${client}Database.DatabaseLoadFailureException`,
    message: (name: string, reason: string) =>
      `Cannot open database '${name}': the system answered "${reason}"; look at the disk and its permissions`,
  },
  DatabaseFilesNotRemoved: {
    status: 500,
    type: invalidOperation,
    message: (name: string, reason: string) =>
      `Cannot remove the files of database '${name}': the system answered "${reason}"; the database is deleted, its files go at the next start`,
  },
  DatabaseNotRolledBack: {
    status: 409,
    type: invalidOperation,
    message: (name: string) =>
      `Cannot accept an older state of database '${name}': it was not found to be older than it should be`,
  },

  // ── keys of databases that will be made ──────────────────────────────────────────────────────────────────────
  SecretNotBase64: {
    status: 500,
    type: 'System.FormatException',
    message: () =>
      'Cannot keep the key: the body is not base64; send the text alone, without quotes',
  },
  SecretWrongLength: {
    status: 500,
    type: invalidOperation,
    message: (bits: number) =>
      `Cannot keep the key: it has ${bits} bits, not 256; send 32 random bytes in base64, e.g. those of /admin/secrets/generate`,
  },
  SecretTaken: {
    status: 500,
    type: invalidOperation,
    message: (name: string) =>
      `Cannot keep the key for database '${name}': another one is held for it; that of an existing database is never replaced, one that waits for its database is with overwrite=true`,
  },
  TooManySecrets: {
    status: 500,
    type: invalidOperation,
    message: (name: string, max: number) =>
      `Cannot keep the key for database '${name}': ${max} keys wait for their databases already; create those first`,
  },
  SecretOfPlainDatabase: {
    status: 500,
    type: invalidOperation,
    message: (name: string) =>
      `Cannot keep a key for database '${name}': it exists and is not encrypted`,
  },
})
