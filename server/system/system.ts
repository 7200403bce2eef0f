/** The server store on an engine: typed tables, versions, listeners. Opening it with its key is `open.ts`. */

import { text, utf8 } from '#server/storage/bytes.ts'
import type { Engine, EngineFigures } from '#server/storage/engine.types.ts'
import { retried } from './retried.ts'
import type {
  ChangeListener,
  SystemChange,
  SystemStore,
  SystemTable,
  Versioned,
} from './system.types.ts'
import { systemTrees } from './table.ts'
import { recordOf, type SystemPut, type SystemWriteSet, versionOf } from './write-set.ts'

export type SystemEngine = Engine<SystemWriteSet, number>

/** The store as its users see it; closing it closes the engine. */
export function systemStore(id: string, engine: SystemEngine): SystemStore {
  return new EngineSystemStore(id, engine)
}

class EngineSystemStore implements SystemStore {
  readonly id: string
  readonly #engine: SystemEngine
  readonly #listeners: ChangeListener[] = []
  #witnessCommit: number

  constructor(id: string, engine: SystemEngine) {
    this.id = id
    this.#engine = engine
    this.#witnessCommit = engine.position.commit
  }

  get witnessCommit(): number {
    return this.#witnessCommit
  }

  verifyOwner(): void {
    this.#engine.verifyOwner()
  }

  abandon(reason: Error): Promise<void> {
    return this.#engine.abandon(reason)
  }

  get figures(): EngineFigures {
    return this.#engine.figures
  }

  get commit(): number {
    return this.#engine.position.commit
  }

  get index(): number {
    return this.#engine.read((reader) => reader.lastEtag)
  }

  get<T>(table: SystemTable<T>, key: string): Versioned<T> | undefined {
    return this.#engine.read((reader) => {
      const value = reader.get(table.tree, utf8(key))
      return value === undefined ? undefined : versioned(table, key, value)
    })
  }

  list<T>(table: SystemTable<T>): Versioned<T>[] {
    return this.#engine.read((reader) => {
      const found: Versioned<T>[] = []
      for (const { key, value } of reader.range(table.tree)) {
        found.push(versioned(table, text(key), value))
      }
      return found
    })
  }

  async write(changes: readonly SystemChange[]): Promise<number> {
    const index = await this.#engine.submit(changes.map(putOf))
    const touched = new Set(changes.map(({ table }) => table.name))
    if (changes.some(({ table }) => table.tree !== systemTrees.anchors)) {
      this.#witnessCommit = this.#engine.position.commit
    }
    for (const listener of this.#listeners) listener(touched, changes)
    return index
  }

  async update<T>(
    table: SystemTable<T>,
    key: string,
    change: (now: T | undefined) => T | undefined,
  ): Promise<T | undefined> {
    return retried(async () => {
      const now = this.get(table, key)
      const record = change(now?.record)
      if (record === undefined) return now?.record
      await this.write([{ table, key, record, version: now?.version ?? 0 } as SystemChange])
      return record
    })
  }

  onChange(listener: ChangeListener): void {
    this.#listeners.push(listener)
  }

  close(): Promise<void> {
    return this.#engine.close()
  }
}

function versioned<T>(table: SystemTable<T>, key: string, value: Buffer): Versioned<T> {
  return { key, record: table.decode(recordOf(value)), version: versionOf(value) }
}

function putOf({ table, key, record, version }: SystemChange): SystemPut {
  return {
    table: table.name,
    tree: table.tree,
    key: utf8(key),
    ...(record === undefined ? {} : { bytes: table.encode(record) }),
    ...(version === undefined ? {} : { version }),
  }
}
