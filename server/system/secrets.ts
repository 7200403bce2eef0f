/**
 * Keys that were posted for databases still to be made, by their folded name, wrapped by the key of the server store.
 *
 * A posted key never replaces that of a database that exists, soft-deleted ones included. Nothing here gives a key away again.
 */
import { timingSafeEqual } from 'node:crypto'
import { type Static, Type } from 'typebox'
import { keyBytes, type SecretKey, takeKey } from '#server/keys/key.ts'
import { type KeyRing, type KeySubject, type WrappedKey, wrappedKey } from '#server/keys/ring.ts'
import { pendingSecretsMax } from '#server/limits.ts'
import type { LockedMemory } from '#server/seal/locked.ts'
import { decodeBase64 } from '#shared/base64.ts'
import { databaseKey } from '#shared/database-name.ts'
import { checkedDatabaseName } from './database-name.ts'
import { databaseTable } from './databases.ts'
import { systemErrors } from './errors.ts'
import { retried } from './retried.ts'
import type { SystemChange, SystemStore, Versioned } from './system.types.ts'
import { defineSystemTable } from './table.ts'

const pendingSecret = Type.Object({ name: Type.String(), key: wrappedKey })
type PendingSecret = Static<typeof pendingSecret>

const secretTable = defineSystemTable('secrets', pendingSecret)

export interface SecretParts {
  readonly system: SystemStore
  readonly ring: KeyRing
  readonly memory: LockedMemory
}

/** Names that a key is held for, pending and used ones, each once. Never the keys. */
export function secretNames({ system }: Pick<SecretParts, 'system'>): string[] {
  const names = new Map(system.list(secretTable).map(({ key, record }) => [key, record.name]))
  for (const { key, record } of system.list(databaseTable)) {
    if (record.keys.length > 0) names.set(key, record.name)
  }
  return [...names.values()].sort()
}

/**
 * Keeps a key for a database that will be made. The text, 32 bytes in base64, is wiped. The same key again changes nothing.
 *
 * @throws SecretNotBase64, SecretWrongLength, SecretTaken, SecretOfPlainDatabase
 */
export async function postSecret(
  parts: SecretParts,
  posted: { readonly name: string; readonly text: Buffer; readonly overwrite: boolean },
): Promise<void> {
  const name = checkedDatabaseName(posted.name)
  using key = keyFrom(parts.memory, posted.text)
  await retried(async () => {
    if (isKeptAlready(parts, name, key)) return
    const pending = parts.system.get(secretTable, databaseKey(name))
    if (pending === undefined) checkRoom(parts.system, name)
    else if (!posted.overwrite) throw systemErrors.SecretTaken(name)
    const record = { name, key: parts.ring.wrap(key, pendingSubject(name)) }
    const change = { table: secretTable, key: databaseKey(name), record }
    await parts.system.write([{ ...change, version: pending?.version ?? 0 }])
  })
}

/** The key that was posted for a name, and the change that takes it away; the caller releases it. */
export function takeSecret(
  { system, ring }: SecretParts,
  name: string,
): { readonly key: SecretKey; readonly change: SystemChange } | undefined {
  const pending = system.get(secretTable, databaseKey(name))
  if (pending === undefined) return undefined
  const key = ring.unwrap(pending.record.key, pendingSubject(name))
  return { key, change: dropped(pending) }
}

/** The change that forgets a key that was posted for a name; none where there is none. */
export function dropSecret(system: SystemStore, name: string): SystemChange[] {
  const pending = system.get(secretTable, databaseKey(name))
  return pending === undefined ? [] : [dropped(pending)]
}

function dropped({ key, version }: Versioned<PendingSecret>): SystemChange {
  return { table: secretTable, key, version }
}

/** @throws SecretOfPlainDatabase, SecretTaken where a database has that name and another key */
function isKeptAlready(parts: SecretParts, name: string, key: SecretKey): boolean {
  const { system } = parts
  const database = system.get(databaseTable, databaseKey(name))?.record
  if (database !== undefined) {
    if (!database.encrypted) throw systemErrors.SecretOfPlainDatabase(name)
    const subject = { purpose: 'database', owner: database.id } as const
    const isSame = database.keys.some((wrapped) =>
      opensTo(parts, key, { wrapped, subject: { ...subject, epoch: wrapped.epoch } }),
    )
    if (!isSame) throw systemErrors.SecretTaken(name)
    return true
  }
  const pending = system.get(secretTable, databaseKey(name))?.record
  if (pending === undefined) return false
  return opensTo(parts, key, { wrapped: pending.key, subject: pendingSubject(name) })
}

function opensTo(
  { ring }: SecretParts,
  key: SecretKey,
  { wrapped, subject }: { readonly wrapped: WrappedKey; readonly subject: KeySubject },
): boolean {
  using kept = ring.unwrap(wrapped, subject)
  return timingSafeEqual(kept.bytes, key.bytes)
}

function checkRoom(system: SystemStore, name: string): void {
  if (system.list(secretTable).length >= pendingSecretsMax) {
    throw systemErrors.TooManySecrets(name, pendingSecretsMax)
  }
}

function pendingSubject(name: string): KeySubject {
  return { purpose: 'pending database', owner: databaseKey(name), epoch: 1 }
}

function keyFrom(memory: LockedMemory, text: Buffer): SecretKey {
  const bytes = decodeBase64(text)
  text.fill(0)
  if (bytes === undefined) throw systemErrors.SecretNotBase64()
  if (bytes.length === keyBytes) return takeKey(memory, bytes)
  const { length } = bytes
  bytes.fill(0)
  throw systemErrors.SecretWrongLength(length * 8)
}
