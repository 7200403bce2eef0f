/**
 * The transactional engine as its users see it: ordered byte keys in named trees, one writer, snapshots.
 *
 * What a caller may assume. A write-set is applied by one deterministic function (`Apply`) in the order of submission;
 * if it throws, nothing of it stays and only its own submitter learns of it. `submit` resolves when the change is durable.
 * Several write-sets share one commit. A reader sees the last durable state and never a part of a write-set. Inside an apply, a
 * range shows what there was when it began, whatever is put or deleted during the walk.
 */
import type { ByteString } from './bytes.ts'

/** Number of a tree inside one engine; bound into every page of it. 1 … 65,535; never reused for something else. */
export type TreeId = number

/** Bounds of a walk over keys: `from` inclusive, `to` exclusive; both in key order even when `reverse`. */
export interface Range {
  readonly from?: ByteString
  readonly to?: ByteString
  readonly reverse?: boolean
}

export interface Entry {
  readonly key: ByteString
  /** A view, never to be written to; copy what is kept for long, since it holds a whole page in memory. */
  readonly value: Buffer
}

/** A consistent view. */
export interface Reader {
  get(tree: TreeId, key: ByteString): Buffer | undefined
  range(tree: TreeId, range?: Range): IterableIterator<Entry>
  /** Entries in a tree, without walking it. */
  count(tree: TreeId): number
  /** The highest etag given so far. */
  readonly lastEtag: number
}

/** The view inside an apply: sees its own changes. */
export interface Writer extends Reader {
  /** The bytes are not copied: they must stay as they are until `submit` resolves. */
  put(tree: TreeId, key: ByteString, value: Uint8Array): void
  /** False where nothing was stored under the key. */
  delete(tree: TreeId, key: ByteString): boolean
  /** Advances the etag counter and returns it: once for each item put or deleted. */
  nextEtag(): number
}

/**
 * Deterministic: same state and write-set, same outcome, on every member. Takes no clock and no randomness but what the write-set holds.
 * Yields after each of its changes: a large write-set is applied in slices, between which others read what was there before it.
 */
export type Apply<WriteSet, Result> = (
  writer: Writer,
  writeSet: WriteSet,
) => Generator<undefined, Result>

/** Identity and position of what is stored: what the anchor keeps. */
export interface Position {
  /** Commits so far. */
  readonly commit: number
  /** Tag (16 bytes) of the sealed root record, base64. */
  readonly rootTag: string
}

export interface Engine<WriteSet, Result> {
  /** Runs synchronous work on the last durable state. */
  read<T>(work: (reader: Reader) => T): T
  /** A view that stays while others write. Must be released: pages it may read are kept for it. */
  snapshot(): Reader & Disposable
  submit(writeSet: WriteSet): Promise<Result>
  /**
   * Looks whether what is stored is as our last commit left it, and ends all writing where it is not. For a process that writes seldom:
   * every commit looks anyway. Throws `DataDirectoryTaken` where another process owns the folder now, `DatabaseDamaged`,
   * `DataFileGone`, `DataFileChanged`.
   */
  verifyOwner(): void
  /** Writes down the newest commit of the server store, where that is not in the root record yet. Never rejects: the next turn tries again. */
  recordStoreCommit(): Promise<void>
  /**
   * No commit begins any more; resolves when the one under way has ended, well or not. For a process that is about to exit: LMDB's
   * writer asks the main thread in the middle of a commit, and an exit that waits for it there waits forever, with LMDB's lock held.
   */
  abandon(reason: Error): Promise<void>
  readonly position: Position
  /** Bytes on disk, pages, cache hits and the like, for statistics and metrics. */
  readonly figures: EngineFigures
  /** Resolves when everything submitted is durable and the files are closed. */
  close(): Promise<void>
}

export interface EngineFigures {
  readonly sizeOnDiskBytes: number
  readonly pages: number
  readonly cachedPages: number
  readonly cacheHits: number
  readonly cacheMisses: number
  readonly commits: number
  readonly sealedPages: number
  readonly openedPages: number
  readonly lastCommitMs: number
  /** Reads and looks that met damage. */
  readonly damages: number
}
