/** Where a server keeps a database, found from outside: by what a creation adds to the data folder. */
import { cpSync, rmSync } from 'node:fs'
import path from 'node:path'
import { createDatabase } from './api.ts'
import type { Caller } from './caller.ts'
import { filesBelow } from './file-tree.ts'

/** Creates the database and gives the path of its LMDB file, relative to the data folder. */
export async function createAndFind(admin: Caller, folder: string, name: string): Promise<string> {
  const before = new Set(filesBelow(folder))
  await createDatabase(admin, name)
  const added = filesBelow(folder).filter((file) => !before.has(file) && file.endsWith('.mdb'))
  const [file, ...others] = added
  if (file === undefined || others.length > 0)
    throw new Error(`creating ${name} added ${added.length} LMDB files to the data folder`)
  return file
}

/** A whole data folder, copied. */
export function copyFolder(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true })
  cpSync(from, to, { recursive: true, preserveTimestamps: true })
}

/** A database's own folder, copied over what is there. */
export function copyDatabase(from: string, to: string, dataFile: string): void {
  copyFolder(path.join(from, path.dirname(dataFile)), path.join(to, path.dirname(dataFile)))
}
