/** What a new database is recorded as: whether it is encrypted, and with which key. */
import { makeKey } from '#server/keys/key.ts'
import type { KeyRing, KeySubject, WrappedKey } from '#server/keys/ring.ts'
import type { LockedMemory } from '#server/seal/locked.ts'
import type { DatabaseRecord } from '#server/system/databases.ts'
import { systemErrors } from '#server/system/errors.ts'
import type { PostedDatabase } from '#server/system/posted-database.ts'
import { dropSecret, takeSecret } from '#server/system/secrets.ts'
import type { SystemChange, SystemStore } from '#server/system/system.types.ts'
import { randomId } from '#shared/random.ts'

export interface RecordParts {
  readonly system: SystemStore
  readonly ring: KeyRing
  readonly memory: LockedMemory
  /** HTTPS with client certificates: without it no key may come or go. */
  readonly secured: boolean
  /** `Security.Encryption.Required`. */
  readonly encryptionRequired: boolean
}

/** A new record, and what changes along with it: a key that was posted for it is used up. */
export interface NewDatabase {
  readonly record: DatabaseRecord
  readonly changes: readonly SystemChange[]
}

/** The record of a database that was never there. @throws EncryptionNeedsHttps, EncryptionRequired */
export function newDatabase(parts: RecordParts, posted: PostedDatabase, now: number): NewDatabase {
  const encrypted = isEncrypted(parts, posted)
  const id = randomId()
  const { keys, changes } = encrypted
    ? firstKey(parts, posted.name, id)
    : { keys: [], changes: dropSecret(parts.system, posted.name) }
  const { name, disabled, settings, kept } = posted
  const made = { id, state: 'creating', encrypted, keys, createdAt: now } as const
  return { record: { ...made, name, disabled, settings, kept, topologyId: randomId() }, changes }
}

/** The record of a soft-deleted database that is created again: its data comes back. @throws EncryptionCannotChange */
export function revivedDatabase(record: DatabaseRecord, posted: PostedDatabase): DatabaseRecord {
  return { ...changedDatabase(record, posted), name: posted.name, state: 'ready' }
}

/** The record with what may change in it. @throws EncryptionCannotChange */
export function changedDatabase(record: DatabaseRecord, posted: PostedDatabase): DatabaseRecord {
  const { encrypted, disabled, settings, kept } = posted
  if (encrypted !== undefined && encrypted !== record.encrypted) {
    throw systemErrors.EncryptionCannotChange(record.name, record.encrypted)
  }
  return { ...record, disabled, settings, kept }
}

/** Encrypted unless somebody says otherwise; a server without HTTPS cannot, and says so where it was asked to. */
function isEncrypted(parts: RecordParts, { name, encrypted }: PostedDatabase): boolean {
  const { secured, encryptionRequired } = parts
  const wanted = encrypted ?? secured
  if (wanted && !secured) throw systemErrors.EncryptionNeedsHttps(name)
  if (!wanted && encryptionRequired) throw systemErrors.EncryptionRequired(name)
  return wanted
}

/** The key that was posted for the name, or a new one. */
function firstKey(
  parts: RecordParts,
  name: string,
  id: string,
): { readonly keys: WrappedKey[]; readonly changes: SystemChange[] } {
  const posted = takeSecret(parts, name)
  using key = posted?.key ?? makeKey(parts.memory)
  const subject: KeySubject = { purpose: 'database', owner: id, epoch: 1 }
  return {
    keys: [parts.ring.wrap(key, subject)],
    changes: posted === undefined ? [] : [posted.change],
  }
}
