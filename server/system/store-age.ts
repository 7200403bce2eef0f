/**
 * Is the server store as new as the databases beside it know it to be?
 *
 * Each database writes down the newest commit of the server store that it has seen. Where the store is behind that, an older copy of it
 * was put back, and with it certificates that were deleted since. A database that the store has no record of says the same. Nobody is
 * served and nothing is written then, until whoever has the machine accepts that very copy, by a file.
 */
import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { KeyRing } from '#server/keys/ring.ts'
import type { LockedMemory } from '#server/seal/locked.ts'
import { encryptingSealer } from '#server/seal/page.ts'
import { plainSealer } from '#server/seal/plain.ts'
import type { Sealer } from '#server/seal/sealer.ts'
import type { Position, Reader } from '#server/storage/engine.types.ts'
import { unsealRoot } from '#server/storage/open-root.ts'
import { pagesFile } from '#server/storage/page-store/files.ts'
import { peekRoot } from '#server/storage/page-store/inspect.ts'
import { CodedError } from '#shared/errors.ts'
import { type DatabaseRecord, databaseFolderName, databaseTable } from './databases.ts'
import { systemErrors } from './errors.ts'
import { recordOf } from './write-set.ts'

export interface StoreAgeParts {
  /** Folder of the databases' folders. */
  readonly databases: string
  /** File by which an older store is accepted. */
  readonly acceptance: string
  readonly storeId: string
  /** Folders of databases without a record that were accepted before. */
  readonly known: (state: Reader) => readonly string[]
  readonly ring: KeyRing
  readonly memory: LockedMemory
}

/** An older store that was accepted on the machine. */
export interface AcceptedStore {
  readonly commit: number
  /** The newest commit that a database knows of. */
  readonly newest: number
  /** Folders of databases that this store has no record of. */
  readonly strangers: readonly string[]
}

/** Nothing where the store is as new as it should be. @throws StoreRolledBack */
export function demandNewest(
  state: Reader & Position,
  parts: StoreAgeParts,
): AcceptedStore | undefined {
  const records = [...state.range(databaseTable.tree)].map(({ value }) =>
    databaseTable.decode(recordOf(value)),
  )
  const newest = Math.max(0, ...records.map((record) => knownTo(record, parts)))
  const strangers = strangersIn(parts.databases, [
    ...records.map(({ id }) => databaseFolderName(id)),
    ...parts.known(state),
  ])
  const { commit } = state
  if (newest <= commit && strangers.length === 0) return undefined
  const needed = `${parts.storeId}@${commit}`
  if (textOf(parts.acceptance)?.trim() === needed) return { commit, newest, strangers }
  const why =
    newest > commit
      ? `its databases know commit ${newest}`
      : `${strangers.length} database(s) beside it are newer and unknown to it, e.g. in folder "${strangers[0]}"`
  throw systemErrors.StoreRolledBack(commit, why, `echo '${needed}' > '${parts.acceptance}'`)
}

/** Once is enough: the same copy put back again must be accepted again. */
export async function forgetAcceptance(file: string): Promise<void> {
  await rm(file, { force: true })
}

/** True where a folder of databases holds one with content. */
export function holdsDatabases(folder: string): boolean {
  return strangersIn(folder, []).length > 0
}

/** Folders with a database's file in them that are not among those. */
function strangersIn(folder: string, known: readonly string[]): string[] {
  const found = lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() === true
  const names = found ? readdirSync(folder).filter((name) => /^[0-9a-f]{32}$/.test(name)) : []
  return names.filter((name) => !known.includes(name) && hasContent(join(folder, name, pagesFile)))
}

function hasContent(file: string): boolean {
  return (lstatSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0
}

/** The newest commit that a database knows of; none where it cannot be read: whoever opens it will say why. */
function knownTo(record: DatabaseRecord, parts: StoreAgeParts): number {
  const folder = join(parts.databases, databaseFolderName(record.id))
  if (record.state === 'deleting' || !hasContent(join(folder, pagesFile))) return 0
  try {
    const sealed = peekRoot({ folder, database: record.name })
    return sealed === undefined ? 0 : commitIn(sealed, record, parts)
  } catch (error) {
    if (error instanceof CodedError) return 0
    throw error
  }
}

function commitIn(sealed: Buffer, record: DatabaseRecord, parts: StoreAgeParts): number {
  const sealer = sealerOf(record, parts)
  try {
    return unsealRoot(sealer, sealed).storeCommit
  } finally {
    sealer.close()
  }
}

function sealerOf({ id, name, encrypted, keys }: DatabaseRecord, parts: StoreAgeParts): Sealer {
  const { memory, ring } = parts
  const shared = { databaseId: Buffer.from(id, 'base64'), database: name }
  if (!encrypted) return plainSealer(shared)
  const unwrapped = keys.map((wrapped) => {
    const { epoch } = wrapped
    return { epoch, key: ring.unwrap(wrapped, { purpose: 'database', owner: id, epoch }) }
  })
  return encryptingSealer({ ...shared, memory, keys: unwrapped })
}

function textOf(file: string): string | undefined {
  return lstatSync(file, { throwIfNoEntry: false })?.isFile() === true
    ? readFileSync(file, 'utf8').slice(0, 200)
    : undefined
}
