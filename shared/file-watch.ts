/**
 * Follows files that somebody else writes: a changed content is loaded and taken over; one that cannot be used is reported once,
 * and what was taken before stays. Files that are removed for good are reported once, too.
 *
 * It looks instead of listening for events: those miss mounted Secrets, network file systems and links that are swapped. Only
 * content that stayed as it is while it was read counts, so nobody gets half of the old and half of the new.
 */
import { realpath, stat } from 'node:fs/promises'
import { Looking } from './looking.ts'

export interface WatchedFiles<T> {
  /** Changes whenever one of the files does. Empty while some are missing: they are on their way, and nothing is loaded. */
  readonly mark: () => Promise<string>
  readonly load: () => Promise<T>
}

export interface FileWatchParts<T> extends WatchedFiles<T> {
  /** Told of each changed content. */
  readonly take: (content: T) => void
  /** Told of each that did not load. */
  readonly refused: (error: unknown) => void
  /** Told once when files that were there are missing at two looks in a row: a writer that replaces them is faster. */
  readonly removed?: () => void
  readonly everyMs: number
}

/** What was found: the mark, with the content or why there is none. Neither where files are missing or do not hold still. */
export interface Look<T> {
  readonly mark: string
  readonly content?: T
  readonly error?: unknown
}

/** Reads until mark and content belong together. */
export async function steadyLook<T>({ mark, load }: WatchedFiles<T>): Promise<Look<T>> {
  for (let tries = 0; tries < steadyTries; tries += 1) {
    const before = await mark()
    if (before === '') break
    const found = await load().then(
      (content) => ({ mark: before, content }),
      (error: unknown) => ({ mark: before, error }),
    )
    if ((await mark()) === before) return found
  }
  return { mark: '' }
}

/** Who writes without a pause is looked at again later. */
const steadyTries = 3

export class FileWatch<T> implements AsyncDisposable {
  readonly #parts: FileWatchParts<T>
  readonly #looking: Looking
  #seen: string
  #wasMissing = false

  /** `seen`: mark of what was taken before, as `steadyLook` found it. */
  constructor(parts: FileWatchParts<T>, seen: string) {
    this.#parts = parts
    this.#seen = seen
    this.#looking = new Looking(() => this.#look(), parts.everyMs)
  }

  /** Looks now, after the look that may be under way. */
  look(): Promise<void> {
    return this.#looking.now()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#looking[Symbol.asyncDispose]()
  }

  async #look(): Promise<void> {
    const { mark, take, refused } = this.#parts
    const present = await mark()
    if (present === this.#seen) {
      this.#wasMissing = false
      return
    }
    if (present === '') {
      this.#missing()
      return
    }
    this.#wasMissing = false
    const found = await steadyLook(this.#parts)
    if (found.mark === '' || found.mark === this.#seen) return
    this.#seen = found.mark
    if ('content' in found) take(found.content as T)
    else refused(found.error)
  }

  #missing(): void {
    if (this.#parts.removed === undefined) return
    if (this.#wasMissing) {
      this.#seen = ''
      this.#parts.removed()
    }
    this.#wasMissing = !this.#wasMissing
  }
}

/** Mark of these files, after links; empty while one is missing. */
export async function fileMark(paths: readonly string[]): Promise<string> {
  const marks = paths.map(async (path) => {
    const { ino, size, mtimeNs } = await stat(path, { bigint: true })
    return `${await realpath(path)} ${ino} ${size} ${mtimeNs}`
  })
  return Promise.all(marks).then(
    (all) => all.join('\n'),
    () => '',
  )
}
