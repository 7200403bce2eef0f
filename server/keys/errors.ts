/** Errors of keys: what stops a start because of the master key, and a wrapped key that does not open. */
import { defineErrors } from '#shared/errors.ts'

/** What stops a start and never reaches a client. */
const start = 'Strongroom.StartException'

export const keyErrors = defineErrors({
  /** The file of the master key is not there, and a new one would open nothing. */
  MasterKeyMissing: {
    status: 500,
    type: start,
    message: (path: string) =>
      `Cannot read the master key: "${path}" does not exist. Put back the key of 32 bytes that this server was started with; for a new server make one with: (umask 077; head -c 32 /dev/urandom > "${path}")`,
  },
  /** The file of the master key is there, but this process may not read it, or it is no file. */
  MasterKeyUnreadable: {
    status: 500,
    type: start,
    message: (path: string, reason: string) =>
      `Cannot read the master key: "${path}" could not be read (${reason}). Make it a file that only the user of the server can read`,
  },
  /** Somebody else could read the master key. */
  MasterKeyTooWide: {
    status: 500,
    type: start,
    message: (path: string, why: string) =>
      `Cannot use the master key: "${path}" is readable too widely, ${why}. Run: chmod 600 "${path}" (and change the key if somebody may have read it)`,
  },
  /** The master key is not of 32 bytes. */
  MasterKeyWrongLength: {
    status: 500,
    type: start,
    message: (origin: string, bytes: number) =>
      `Cannot use the master key: "${origin}" gave ${bytes} bytes, not 32. It must be the 32 raw bytes, without base64 and without a line end`,
  },
  /** A folder of master keys does not say which one is active. */
  MasterKeyFolderUnclear: {
    status: 500,
    type: start,
    message: (path: string, what: string) =>
      `Cannot choose the master key: in the folder "${path}", ${what}. Put the key in "master.key", or several keys in files of their own and the name of the active file in "active-id"`,
  },
  /** The program that should give the master key failed. */
  MasterKeyProgramFailed: {
    status: 500,
    type: start,
    message: (file: string, reason: string) =>
      `Cannot get the master key: the program "${file}" ${reason}. It must write the 32 raw bytes to standard output and end with code 0 (Security.MasterKey.Exec)`,
  },
  /** The master key is a good one, but not the one that the server store was made with. */
  MasterKeyWrong: {
    status: 500,
    type: start,
    message: (origin: string, wanted: string, found: readonly string[]) =>
      `Cannot open the server store: it needs the master key ${wanted}, but "${origin}" gave ${found.join(', ')}. Put back the key that this server was started with`,
  },
  /** A wrapped key does not open although its wrapping key is the right one. */
  WrappedKeyDamaged: {
    status: 500,
    type: 'System.InvalidOperationException',
    message: (what: string) =>
      `Cannot unwrap the key of ${what}: it was changed or damaged. Restore it from a backup`,
  },
})
