/**
 * The master key: 32 bytes from a file, a folder of keys (a mounted Kubernetes Secret) or a program.
 *
 * Everything is checked before anything is used: length, and who else can read it. Only the key of our own data folder is
 * ever made here, once, and never while a server store exists that another one must open.
 */
import { chmod, open, readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { masterKeyFilesMax } from '#server/limits.ts'
import type { LockedMemory } from '#server/seal/locked.ts'
import { demandFile, demandFolder } from '#server/storage/page-store/files.ts'
import type { CodedError } from '#shared/errors.ts'
import {
  contentFolder,
  createFileOnce,
  isFileError,
  privateFolder,
  removeLeftovers,
} from '#shared/files.ts'
import { type Program, runProgram } from '#shared/program.ts'
import { randomBytes } from '#shared/random.ts'
import { keyErrors } from './errors.ts'
import { keyBytes, type SecretKey, takeKey } from './key.ts'
import { ourselves, tooWide } from './permissions.ts'

/** Where the configuration says the master key is. */
export type MasterKeySource =
  /** `Security.MasterKey.Path`: a file, or a folder with several keys. */
  | { readonly kind: 'path'; readonly path: string }
  /** `Security.MasterKey.Exec`. */
  | { readonly kind: 'program'; readonly program: Omit<Program, 'outputBytesMax'> }
  /** Nothing configured: the file in our data folder, made at first start. */
  | { readonly kind: 'own'; readonly path: string }

export interface MasterKeyMeans {
  /** Whether a server store is there already: then a missing key is never replaced by a new one. */
  readonly storeExists: boolean
  readonly memory: LockedMemory
}

/** The active master key, and during a rotation the others that are still accepted. Disposing wipes them all. */
export interface MasterKeys extends Disposable {
  /** What the operator named: a path or a program, for messages. */
  readonly origin: string
  readonly active: SecretKey
  find(id: string): SecretKey | undefined
  /** Ids of all keys that are held. */
  readonly ids: readonly string[]
}

/**
 * Reads the master key, or makes it at first start.
 *
 * @throws DataFileForeign, MasterKeyMissing, MasterKeyUnreadable, MasterKeyTooWide, MasterKeyWrongLength, MasterKeyFolderUnclear, MasterKeyProgramFailed
 */
export async function loadMasterKeys(
  source: MasterKeySource,
  means: MasterKeyMeans,
): Promise<MasterKeys> {
  switch (source.kind) {
    case 'program':
      return keysOf(source.program.file, await runForKey(source.program, means), [])
    case 'own':
      await makeOwnKey(source.path, means)
      return keysOf(source.path, await readKeyFile(source.path, means), [])
    case 'path':
      return loadFromPath(source.path, means)
    default:
      return source satisfies never
  }
}

/** The name that a single key has inside a folder, and the one that names the active key among several. */
const singleKeyName = 'master.key'
const activeIdName = 'active-id'
/** How messages call the key of our own data folder. */
const ownKeyName = 'the master key'

async function loadFromPath(path: string, means: MasterKeyMeans): Promise<MasterKeys> {
  const target = await statOf(path)
  return target.isDirectory()
    ? loadFromFolder(path, means)
    : keysOf(path, await readKeyFile(path, means), [])
}

/** Everything is read from one folder, whatever kubelet swaps meanwhile. */
async function loadFromFolder(path: string, means: MasterKeyMeans): Promise<MasterKeys> {
  const folder = await contentFolder(path)
  const all = await readdir(folder).catch((error: unknown) => {
    throw unreadable(path, error)
  })
  const names = all.filter((name) => !name.startsWith('.'))
  if (names.length > masterKeyFilesMax) {
    throw keyErrors.MasterKeyFolderUnclear(path, `it holds more than ${masterKeyFilesMax} files`)
  }
  const activeName = await activeNameIn({ path, folder, names })
  // Whatever fails midway wipes the keys that were read before.
  using held = new DisposableStack()
  const active = held.use(await readKeyFile(join(folder, activeName), means))
  const others: SecretKey[] = []
  for (const name of names) {
    if (name === activeName || name === activeIdName) continue
    others.push(held.use(await readKeyFile(join(folder, name), means)))
  }
  held.move()
  return keysOf(path, active, others)
}

async function activeNameIn(where: {
  readonly path: string
  readonly folder: string
  readonly names: readonly string[]
}): Promise<string> {
  const { path, folder, names } = where
  if (!names.includes(activeIdName)) {
    if (names.includes(singleKeyName)) return singleKeyName
    const what = `it holds neither "${singleKeyName}" nor "${activeIdName}"`
    throw keyErrors.MasterKeyFolderUnclear(path, what)
  }
  const text = await readFile(join(folder, activeIdName), 'utf8').catch((error: unknown) => {
    throw unreadable(join(path, activeIdName), error)
  })
  const named = text.trim()
  if (named !== activeIdName && names.includes(named)) return named
  throw keyErrors.MasterKeyFolderUnclear(path, `"${activeIdName}" names no file that is there`)
}

async function readKeyFile(path: string, { memory }: MasterKeyMeans): Promise<SecretKey> {
  const file = await open(path).catch((error: unknown) => {
    throw unreadable(path, error)
  })
  try {
    const found = await file.stat()
    if (!found.isFile()) throw keyErrors.MasterKeyUnreadable(path, 'it is not a file')
    const why = tooWide(found, ourselves())
    if (why !== undefined) throw keyErrors.MasterKeyTooWide(path, why)
    // One byte more than a key, so that a longer file is seen without reading all of it.
    const room = Buffer.alloc(keyBytes + 1)
    const { bytesRead } = await file.read(room, 0, room.length, 0)
    return keyFrom(path, room.subarray(0, bytesRead), { memory, length: found.size })
  } finally {
    await file.close()
  }
}

async function runForKey(
  program: Omit<Program, 'outputBytesMax'>,
  { memory }: MasterKeyMeans,
): Promise<SecretKey> {
  // More room than a key takes, so that "wrote 44 bytes" can be told from "wrote a page of help".
  const outcome = await runProgram({ ...program, outputBytesMax: 4096 })
  if (outcome.kind === 'failed')
    throw keyErrors.MasterKeyProgramFailed(program.file, outcome.reason)
  return keyFrom(program.file, outcome.output, { memory, length: outcome.output.length })
}

function keyFrom(
  origin: string,
  bytes: Buffer,
  means: Pick<MasterKeyMeans, 'memory'> & { readonly length: number },
): SecretKey {
  if (bytes.length !== keyBytes) {
    bytes.fill(0)
    throw keyErrors.MasterKeyWrongLength(origin, means.length)
  }
  return takeKey(means.memory, bytes)
}

/** A crash before the link leaves no key, one after it a whole key: the next start goes on from either. */
async function makeOwnKey(path: string, { storeExists }: MasterKeyMeans): Promise<void> {
  demandFolder(dirname(path), ownKeyName)
  demandFile(path, ownKeyName)
  if (await isThere(path)) {
    await tightenOwnKey(path)
    return removeLeftovers(path)
  }
  if (storeExists) throw keyErrors.MasterKeyMissing(path)
  await privateFolder(dirname(path))
  await removeLeftovers(path)
  const bytes = randomBytes(keyBytes)
  await createFileOnce(path, bytes)
  bytes.fill(0)
}

/**
 * Kubelet gives a pod's volume to its fsGroup at each mount, group bits and all: those are taken back from the file that we
 * made. Bits for others come from nobody but a person, who should know: they are refused like those of any key.
 */
async function tightenOwnKey(path: string): Promise<void> {
  const { uid, mode } = await statOf(path)
  const onlyGroup = (mode & 0o007) === 0 && (mode & 0o070) !== 0
  if (onlyGroup && uid === ourselves().uid) await chmod(path, 0o600)
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: unknown) => {
      if (isFileError(error, 'ENOENT')) return false
      throw unreadable(path, error)
    },
  )
}

async function statOf(path: string) {
  return stat(path).catch((error: unknown) => {
    throw unreadable(path, error)
  })
}

function unreadable(path: string, error: unknown): CodedError {
  if (isFileError(error, 'ENOENT')) return keyErrors.MasterKeyMissing(path)
  const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason'
  return keyErrors.MasterKeyUnreadable(path, reason)
}

function keysOf(origin: string, active: SecretKey, others: readonly SecretKey[]): MasterKeys {
  const all = [active, ...others]
  return {
    origin,
    active,
    find: (id) => all.find((key) => key.id === id),
    ids: all.map((key) => key.id),
    [Symbol.dispose]: () => {
      for (const key of all) key.release()
    },
  }
}
