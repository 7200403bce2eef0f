/**
 * Anchors: how far each database was, kept in the server store, so that a folder put back from an older copy is noticed.
 *
 * An anchor follows its database: looked at in turns, all that moved in one write, so a database that is written to a thousand
 * times a second costs two writes a second here. It may be behind by a second, never ahead: only what is durable has a position.
 */
import { type Static, Type } from 'typebox'
import { anchorDelayMs } from '#server/limits.ts'
import type { Position } from '#server/storage/engine.types.ts'
import type { SystemChange, SystemStore } from './system.types.ts'
import { defineSystemTable } from './table.ts'

const anchor = Type.Object({
  commit: Type.Integer({ minimum: 0 }),
  rootTag: Type.String(),
})
const anchorTable = defineSystemTable('anchors', anchor)

export interface AnchorParts {
  readonly system: SystemStore
  /** Told of a write that failed; the next turn tries again. */
  readonly failed: (error: unknown) => void
}

export class Anchors {
  readonly #parts: AnchorParts
  readonly #followed = new Map<string, () => Position>()
  readonly #written = new Map<string, number>()
  readonly #timer: NodeJS.Timeout
  #writing: Promise<void> = Promise.resolve()

  constructor(parts: AnchorParts) {
    this.#parts = parts
    // Twice as often as an anchor may be late: the write itself takes time.
    this.#timer = setInterval(() => void this.#turn(), anchorDelayMs / 2).unref()
  }

  /** What was last known of a database. */
  find(databaseId: string): Position | undefined {
    return this.#parts.system.get<Static<typeof anchor>>(anchorTable, databaseId)?.record
  }

  /** Follows an open database. */
  follow(databaseId: string, position: () => Position): void {
    this.#followed.set(databaseId, position)
  }

  /** Writes the last position of a database that was closed, and follows it no more. */
  async leave(databaseId: string): Promise<void> {
    await this.flush()
    this.#followed.delete(databaseId)
    this.#written.delete(databaseId)
  }

  /** The change that takes the anchor away: of a database that is deleted, or whose older state was accepted. */
  dropping(databaseId: string): SystemChange {
    return { table: anchorTable, key: databaseId }
  }

  /** Writes every anchor that moved; one write at a time. */
  flush(): Promise<void> {
    const writing = this.#writing.then(() => this.#write())
    this.#writing = writing.catch(() => undefined)
    return writing
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.flush()
  }

  async #turn(): Promise<void> {
    await this.flush().catch((error: unknown) => this.#parts.failed(error))
  }

  async #write(): Promise<void> {
    const moved = [...this.#followed]
      .map(([databaseId, position]) => ({ databaseId, ...position() }))
      .filter(({ databaseId, commit }) => this.#written.get(databaseId) !== commit)
    if (moved.length === 0) return
    await this.#parts.system.write(
      moved.map(({ databaseId, commit, rootTag }) => ({
        table: anchorTable,
        key: databaseId,
        record: { commit, rootTag },
      })),
    )
    for (const { databaseId, commit } of moved) {
      if (this.#followed.has(databaseId)) this.#written.set(databaseId, commit)
    }
  }
}
