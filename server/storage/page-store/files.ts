/** The files in a database's folder: neutral names, and nothing in their place that is not a file of ours. */
import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { errors } from '#server/errors.ts'

/** The one file with content; LMDB's lock file lies beside it. */
export const pagesFile = 'pages.mdb'
export const lockFile = `${pagesFile}-lock`

/** Key of the root in LMDB; pages lie under their numbers, from 1. */
export const rootKey = 0

/**
 * Throws `DataFileForeign` where the folder is no folder, or one of its files no plain file: what a link leads to, and what a pipe or a
 * device answers, is somebody else's. What is not there is no matter here.
 */
export function demandOwnFiles(folder: string, database: string): void {
  demandFolder(folder, database)
  for (const name of [pagesFile, lockFile]) demandFile(join(folder, name), database)
}

/** Throws `DataFileForeign` where something other than a folder has the name. */
export function demandFolder(path: string, database: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found !== undefined && !found.isDirectory())
    throw errors.DataFileForeign(database, path, kindOf(found))
}

/** Throws `DataFileForeign` where something other than a plain file has the name. */
export function demandFile(path: string, database: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found !== undefined && !found.isFile())
    throw errors.DataFileForeign(database, path, kindOf(found))
}

function kindOf(found: NonNullable<ReturnType<typeof lstatSync>>): string {
  if (found.isSymbolicLink()) return 'a symbolic link'
  if (found.isDirectory()) return 'a folder'
  return found.isFile() ? 'a file and no folder' : 'a pipe, socket or device'
}
