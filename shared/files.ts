/**
 * Small files that must be whole or absent, whenever the process or the machine stops.
 *
 * Each write goes to a fresh file beside the target (mode 0600, synced), then takes the name in one step, and the folder is
 * synced. What a crash leaves behind ends in `.new`, is never read, and `removeLeftovers` clears it away.
 */
import { constants } from 'node:fs'
import { chmod, link, mkdir, open, readdir, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { randomBytes } from './random.ts'

/** Ending of files that are not finished. */
const unfinished = '.new'

/** Replaces or creates `path`. */
export async function replaceFile(path: string, bytes: Uint8Array, mode = 0o600): Promise<void> {
  const fresh = await freshFile(path, bytes, mode)
  await rename(fresh, path)
  await syncFolder(dirname(path))
}

/** Creates `path` and leaves an existing one as it is; false where there was one. */
export async function createFileOnce(
  path: string,
  bytes: Uint8Array,
  mode = 0o600,
): Promise<boolean> {
  const fresh = await freshFile(path, bytes, mode)
  try {
    await link(fresh, path)
    return true
  } catch (error) {
    if (isFileError(error, 'EEXIST')) return false
    throw error
  } finally {
    await rm(fresh, { force: true })
    await syncFolder(dirname(path))
  }
}

/**
 * Makes a folder that only we can enter, with its parents, and syncs the one that holds it. One of ours that is there is closed to
 * others: kubelet gives a pod's volume to a group, with all that is in it. A folder that is not ours stays as it is.
 */
export async function privateFolder(path: string): Promise<void> {
  const made = await mkdir(path, { recursive: true, mode: 0o700 })
  if (made !== undefined) await syncFolder(dirname(path))
  else await closeToOthers(path)
}

async function closeToOthers(path: string): Promise<void> {
  const { uid, mode } = await stat(path)
  if (uid === process.geteuid?.() && (mode & 0o077) !== 0) await chmod(path, 0o700)
}

/** Removes what a crash left of `path`. */
export async function removeLeftovers(path: string): Promise<void> {
  const prefix = `${basename(path)}.`
  for (const name of await readdir(dirname(path))) {
    const isLeftover = name.startsWith(prefix) && name.endsWith(unfinished)
    if (isLeftover) await rm(join(dirname(path), name), { force: true })
  }
}

/** Makes names in a folder durable: a file's own sync does not cover its name. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** The folder that holds the content of a mounted one now: kubelet swaps all of it at once, by the link `..data`. */
export function contentFolder(path: string): Promise<string> {
  return realpath(join(path, '..data')).catch(() => path)
}

/** True for an error of the file system with this code, e.g. `ENOENT`. */
export function isFileError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

async function freshFile(path: string, bytes: Uint8Array, mode: number): Promise<string> {
  const fresh = `${path}.${randomBytes(6).toString('hex')}${unfinished}`
  const file = await open(fresh, 'wx', mode)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
  return fresh
}
