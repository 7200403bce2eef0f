/**
 * The two files of an open environment, followed: LMDB maps them into memory, trusts what it finds there, and ends the process where
 * that was cut off or written over. Before each of its steps this looks whether anybody but us has changed them.
 *
 * Nothing but our own commits writes to the file of pages while it is ours, so its length and its time of change stay as the last one
 * left them. LMDB writes to the lock file by its mapping: of that one, only length and identity count.
 */
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  type Stats,
} from 'node:fs'
import { join } from 'node:path'
import { errors } from '#server/errors.ts'
import { lockFile, pagesFile } from './files.ts'
import { demandRoom, writeZeros } from './room.ts'

export type Condition = 'ours' | 'changed'

/** What LMDB makes it: a head, and a slot for each of 126 readers. */
const lockFileBytes = 8_272
/** For a new environment: its first pages, its lock file, and the first commits. */
const newRoomBytes = 256 * 1024

export class OpenFiles {
  readonly #folder: string
  readonly #database: string
  /**
   * Held as long as LMDB has it open: a process that closes any descriptor of a file loses all its locks on it, LMDB's too.
   */
  readonly #lock: number
  #pages: number | undefined
  /** As our last commit left it; nothing before the first, while another process may still write. */
  #left: { readonly size: number; readonly changed: number } | undefined
  #isWriting = false
  #sizeMin = 0
  #wasLockCutOff = false

  /** Before LMDB opens them: makes the lock file whole, and sees that a new environment has room. Throws `DiskFull`. */
  constructor(folder: string, database: string) {
    this.#folder = folder
    this.#database = database
    const isNew = (lstatSync(join(folder, pagesFile), { throwIfNoEntry: false })?.size ?? 0) === 0
    if (isNew) demandRoom(folder, { database, bytes: newRoomBytes })
    this.#lock = this.#openLock()
  }

  /** After LMDB has opened them. */
  opened(): void {
    this.#pages = openSync(join(this.#folder, pagesFile), constants.O_RDONLY | constants.O_NOFOLLOW)
    this.#sizeMin = fstatSync(this.#pages).size
  }

  /** Whether LMDB may touch them. For each read: costs two system calls. */
  look(): Condition {
    const { size, mtimeMs } = fstatSync(this.#pagesOpen())
    if (this.#isLockCutOff() || size < this.#sizeMin) return 'changed'
    if (this.#left === undefined || this.#isWriting) return 'ours'
    return size === this.#left.size && mtimeMs === this.#left.changed ? 'ours' : 'changed'
  }

  /** The same, and that the names still lead to them. Throws `DataFileGone`. */
  lookByName(): Condition {
    this.#demandSame(pagesFile, this.#pagesOpen())
    this.#demandSame(lockFile, this.#lock)
    return this.look()
  }

  /** Around each commit. */
  async writing<T>(commit: () => Promise<T>): Promise<T> {
    this.#isWriting = true
    try {
      return await commit()
    } finally {
      this.#isWriting = false
      const { size, mtimeMs } = fstatSync(this.#pagesOpen())
      if (size >= this.#sizeMin) this.#left = { size, changed: mtimeMs }
      this.#sizeMin = Math.max(this.#sizeMin, size)
    }
  }

  /** Makes the lock file so long again that LMDB can close: it touches its mapping then, and so do its timers. */
  beforeClose(): void {
    this.#isLockCutOff()
  }

  close(): void {
    closeSync(this.#lock)
    if (this.#pages !== undefined) closeSync(this.#pages)
  }

  /** Once it was, nothing in it is to be trusted; what is missing is filled with zeros, so that touching it ends no process. */
  #isLockCutOff(): boolean {
    const { size } = fstatSync(this.#lock)
    if (size >= lockFileBytes) return this.#wasLockCutOff
    this.#wasLockCutOff = true
    ftruncateSync(this.#lock, lockFileBytes)
    return true
  }

  #pagesOpen(): number {
    if (this.#pages === undefined) throw errors.DatabaseClosed(this.#database)
    return this.#pages
  }

  #demandSame(name: string, descriptor: number): void {
    const path = join(this.#folder, name)
    const found = lstatSync(path, { throwIfNoEntry: false })
    if (found === undefined || !isSame(found, fstatSync(descriptor)))
      throw errors.DataFileGone(this.#database, path)
  }

  /**
   * LMDB makes it as a file with a hole and writes into that by its mapping, which ends the process on a full disk. So it is filled
   * here first; one with holes, of an earlier version, is opened only where there is room for them.
   */
  #openLock(): number {
    const path = join(this.#folder, lockFile)
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW
    const lock = openSync(path, flags, 0o600)
    try {
      const { size, blocks } = fstatSync(lock)
      if (size < lockFileBytes)
        writeZeros(lock, { database: this.#database, from: size, to: lockFileBytes })
      else if (blocks * 512 < size)
        demandRoom(this.#folder, { database: this.#database, bytes: size })
      return lock
    } catch (error) {
      closeSync(lock)
      throw error
    }
  }
}

function isSame(one: Stats, other: Stats): boolean {
  return one.dev === other.dev && one.ino === other.ino
}
