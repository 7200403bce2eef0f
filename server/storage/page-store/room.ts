/** Room on the disk, taken or refused before LMDB needs it: where it finds none, it ends the process or leaves half a file. */
import { closeSync, fsyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { errors } from '#server/errors.ts'
import { isFileError } from '#shared/files.ts'

export interface Room {
  /** Name of the database, for texts of errors. */
  readonly database: string
  readonly bytes: number
}

const trialFile = 'room.new'

/**
 * Throws `DiskFull` where the folder's disk, or the quota of its owner, has not so much left: by writing it, since no quota shows in
 * what the disk reports.
 */
export function demandRoom(folder: string, { database, bytes }: Room): void {
  const { bavail, bsize } = statfsSync(folder)
  if (bavail * bsize < bytes) throw errors.DiskFull(database)
  const path = join(folder, trialFile)
  rmSync(path, { force: true })
  const trial = openSync(path, 'wx', 0o600)
  try {
    writeZeros(trial, { database, from: 0, to: bytes })
  } finally {
    closeSync(trial)
    rmSync(path, { force: true })
  }
}

/** Fills a part of a file, on the disk itself. Throws `DiskFull`. */
export function writeZeros(
  file: number,
  { database, from, to }: { readonly database: string; readonly from: number; readonly to: number },
): void {
  try {
    const zeros = Buffer.alloc(to - from)
    for (let at = 0; at < zeros.length; )
      at += writeSync(file, zeros, at, zeros.length - at, from + at)
    fsyncSync(file)
  } catch (error) {
    const isFull = ['ENOSPC', 'EDQUOT'].some((code) => isFileError(error, code))
    throw isFull ? errors.DiskFull(database) : error
  }
}
