/** Errors of the server store and of what it keeps. Text: what could not be done, a colon, what was found, and the fix. */
import { defineErrors } from '#shared/errors.ts'

const client = 'Raven.Client.Exceptions.'
const invalidOperation = 'System.InvalidOperationException'
/** What stops a start and never reaches a client. */
const start = 'Strongroom.StartException'

export const systemErrors = defineErrors({
  /** Another write of the same record came first. */
  SystemConflict: {
    status: 409,
    type: `${client}ConcurrencyException`,
    message: (table: string, key: string, expected: number, actual: number) =>
      `Cannot write record "${key}" of ${table}: version ${expected} was expected, but it is ${actual}. Read it again and repeat the change`,
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
  /** The store in the folder is not the one that the key file was made for. */
  ServerStoreForeign: {
    status: 500,
    type: start,
    message: (file: string, wanted: string, found: string) =>
      `Cannot open the server store: "${file}" belongs to store ${wanted}, but the data beside it to store ${found}. Put back the pair that belongs together`,
  },
})
