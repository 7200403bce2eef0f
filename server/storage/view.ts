/** Reading one state of the database, and changing a state that is not durable yet. */
import assert from 'node:assert/strict'
import { put, remove } from './btree/edit.ts'
import type { StoredLarge } from './btree/large.ts'
import { Edit } from './btree/leaf.ts'
import { entries, get, type TreeRoot } from './btree/tree.ts'
import type { ByteString } from './bytes.ts'
import type { Entry, Range, Reader, TreeId, Writer } from './engine.types.ts'
import type { PageReader } from './page-reader.ts'

/** A state: the trees that have entries, and the etag counter. */
export interface State {
  readonly trees: ReadonlyMap<TreeId, TreeRoot>
  readonly etag: number
}

/** A view on a state that never changes. After `end` it must not be used: its pages may be gone. */
export class StateReader implements Reader {
  readonly #pages: PageReader
  readonly #state: State
  #ended = false

  constructor(pages: PageReader, state: State) {
    this.#pages = pages
    this.#state = state
  }

  get lastEtag(): number {
    return this.#state.etag
  }

  get(tree: TreeId, key: ByteString): Buffer | undefined {
    return get(this.#view(tree), key)
  }

  *range(tree: TreeId, range?: Range): IterableIterator<Entry> {
    for (const entry of entries(this.#view(tree), range)) {
      yield entry
      assert(!this.#ended, 'a range is read only while its reader lives')
    }
  }

  count(tree: TreeId): number {
    return this.#view(tree).root?.count ?? 0
  }

  end(): void {
    this.#ended = true
  }

  #view(tree: TreeId) {
    assert(!this.#ended, 'a reader is used only inside read(), or until its snapshot is released')
    return { pages: this.#pages, tree, root: this.#state.trees.get(tree) }
  }
}

/** What can be put back when a write-set throws. */
export interface Savepoint extends State {
  readonly freed: number
  readonly freshBytes: number
  readonly changes: number
}

/** The changes of one commit in the making. */
export class Draft implements Writer {
  readonly #pages: PageReader
  #trees: Map<TreeId, TreeRoot>
  #etag: number
  #edit = new Edit()
  /** Pages that the state before reaches and this one does not. */
  readonly freed: number[] = []
  /** Bytes put so far. */
  freshBytes = 0
  /** Puts, deletes and etags so far. */
  changes = 0

  constructor(pages: PageReader, state: State) {
    this.#pages = pages
    this.#trees = new Map(state.trees)
    this.#etag = state.etag
  }

  get trees(): ReadonlyMap<TreeId, TreeRoot> {
    return this.#trees
  }

  get lastEtag(): number {
    return this.#etag
  }

  get(tree: TreeId, key: ByteString): Buffer | undefined {
    return get(this.#view(tree), key)
  }

  /** Walks over what there is now: changes made during the walk do not show in it. */
  range(tree: TreeId, range?: Range): IterableIterator<Entry> {
    this.#edit = new Edit()
    return entries(this.#view(tree), range)
  }

  count(tree: TreeId): number {
    return this.#trees.get(tree)?.count ?? 0
  }

  put(tree: TreeId, key: ByteString, value: Uint8Array): void {
    this.changes += 1
    this.freshBytes += value.length
    this.#trees.set(tree, put(this.#editing(tree), this.#trees.get(tree), { key, value }))
  }

  delete(tree: TreeId, key: ByteString): boolean {
    const before = this.#trees.get(tree)
    const after = remove(this.#editing(tree), before, key)
    if (after === before) return false
    this.changes += 1
    if (after === undefined) this.#trees.delete(tree)
    else this.#trees.set(tree, after)
    return true
  }

  nextEtag(): number {
    this.changes += 1
    this.#etag += 1
    return this.#etag
  }

  /** From here on nothing that exists is changed in place. */
  savepoint(): Savepoint {
    this.#edit = new Edit()
    return {
      trees: new Map(this.#trees),
      etag: this.#etag,
      freed: this.freed.length,
      freshBytes: this.freshBytes,
      changes: this.changes,
    }
  }

  rollback(to: Savepoint): void {
    this.#edit = new Edit()
    this.#trees = new Map(to.trees)
    this.#etag = to.etag
    this.freed.length = to.freed
    this.freshBytes = to.freshBytes
    this.changes = to.changes
  }

  #view(tree: TreeId) {
    return { pages: this.#pages, tree, root: this.#trees.get(tree) }
  }

  #editing(tree: TreeId) {
    return {
      pages: this.#pages,
      tree,
      edit: this.#edit,
      free: (page: number) => void this.freed.push(page),
      freeLarge: (value: StoredLarge) => {
        for (const page of this.#pages.largePages(tree, value)) this.freed.push(page)
      },
    }
  }
}
