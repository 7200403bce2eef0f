/** A page store in memory: `RunInMemory`, tests, and a place to put faults. */
import { errors } from '#server/errors.ts'
import type { PageChange, PageStore } from './page-store.ts'

export interface MemoryPageStoreOptions {
  /** Name of the database, for texts of errors. */
  readonly database: string
  /** Commits that would need more reject with `DiskFull`. */
  readonly quotaBytes?: number
  /** Called before each commit takes effect; may wait, and may throw what a disk would. */
  readonly beforeCommit?: (change: PageChange) => void | Promise<void>
}

/** What is stored; several page stores may share one, as several processes share a folder. */
export class MemoryDisk {
  readonly slots = new Map<number, Buffer>()
  root: Buffer | undefined

  /** A copy, as of a folder. */
  copy(): MemoryDisk {
    const copy = new MemoryDisk()
    for (const [page, slot] of this.slots) copy.slots.set(page, Buffer.from(slot))
    copy.root = this.root === undefined ? undefined : Buffer.from(this.root)
    return copy
  }

  get bytes(): number {
    let bytes = this.root?.length ?? 0
    for (const slot of this.slots.values()) bytes += slot.length
    return bytes
  }
}

/** A page store on `disk`. */
export function memoryPageStore(
  options: MemoryPageStoreOptions,
  disk = new MemoryDisk(),
): PageStore {
  const { database, quotaBytes = Number.POSITIVE_INFINITY, beforeCommit } = options
  return {
    read: (page) => disk.slots.get(page),
    readRoot: () => disk.root,
    commit: async (change) => {
      await beforeCommit?.(change)
      if (!isSame(disk.root, change.expectedRoot)) throw errors.DataDirectoryTaken(database)
      if (sizeAfter(disk, change) > quotaBytes) throw errors.DiskFull(database)
      for (const { page, bytes } of change.pages) disk.slots.set(page, Buffer.from(bytes))
      for (const page of change.freed) disk.slots.delete(page)
      disk.root = Buffer.from(change.root)
    },
    isChanged: () => false,
    pages: () => disk.slots.keys(),
    sizeBytes: () => disk.bytes,
    close: async () => undefined,
  }
}

function isSame(found: Buffer | undefined, expected: Buffer | undefined): boolean {
  if (found === undefined || expected === undefined) return found === expected
  return found.equals(expected)
}

function sizeAfter(disk: MemoryDisk, { pages, freed, root }: PageChange): number {
  let bytes = disk.bytes - (disk.root?.length ?? 0) + root.length
  for (const page of pages) bytes += page.bytes.length
  for (const page of freed) bytes -= disk.slots.get(page)?.length ?? 0
  return bytes
}
