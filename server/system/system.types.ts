/**
 * The server store as its users see it: small typed records in named tables, always encrypted.
 *
 * A change is a write-set: puts and deletes, each with the version of the record it was computed from. Where a version has
 * moved on, nothing of the set is applied and `write` rejects with `SystemConflict`; `update` reads, computes and tries again.
 */
import type { EngineFigures } from '#server/storage/engine.types.ts'

/** A table of the server store: its tree number and how its records become bytes. Built by `defineSystemTable(name, schema)`. */
export interface SystemTable<T> {
  readonly name: string
  readonly tree: number
  // Methods, so that a change of any table is a `SystemChange`.
  encode(record: T): Buffer
  decode(bytes: Buffer): T
}

export interface Versioned<T> {
  readonly key: string
  readonly record: T
  /** Etag of the write that made it. */
  readonly version: number
}

/** `version`: what the record must be at now; 0 = it must not exist; left out = whatever. `record` left out = delete. */
export interface SystemChange<T = unknown> {
  readonly table: SystemTable<T>
  readonly key: string
  readonly record?: T
  readonly version?: number
}

export type ChangeListener = (tables: ReadonlySet<string>, changes: readonly SystemChange[]) => void

export interface SystemStore {
  /** Random id (22 characters of base64) made at first start; published to administrators. */
  readonly id: string
  get<T>(table: SystemTable<T>, key: string): Versioned<T> | undefined
  /** In key order. */
  list<T>(table: SystemTable<T>): Versioned<T>[]
  /** All or nothing. Resolves, when durable, with the index of the write (RavenDB's `RaftCommandIndex`). */
  write(changes: readonly SystemChange[]): Promise<number>
  /** Read, compute, write; again where another write came between. `change` returns undefined to leave it as it is. */
  update<T>(
    table: SystemTable<T>,
    key: string,
    change: (now: T | undefined) => T | undefined,
  ): Promise<T | undefined>
  /** Called after each durable write with the tables it touched, and what it did: projections in memory refresh themselves. */
  onChange(listener: ChangeListener): void
  /** Index of the last write. */
  readonly index: number
  /** Commits of its engine since it was made: only grows, and only when something is written or a process opens it. */
  readonly commit: number
  /**
   * The commit that databases write down: that of the last write of anything but anchors. Those follow from the databases, and would
   * have the two follow each other forever.
   */
  readonly witnessCommit: number
  /** Throws where the files are not as they were left, see `Engine.verifyOwner`. */
  verifyOwner(): void
  /** No write begins any more; resolves when the one under way has ended. */
  abandon(reason: Error): Promise<void>
  /** Of its engine, for metrics. */
  readonly figures: EngineFigures
  close(): Promise<void>
}
