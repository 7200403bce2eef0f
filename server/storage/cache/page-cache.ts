/**
 * Decoded pages in memory, bounded in bytes; shared by all databases of a process.
 *
 * A clock: each use sets a page's chances, the hand takes one away as it passes, and a page without any goes. Inner nodes get more
 * of them than leaves, so the upper levels of a tree stay. Pages are immutable, and whoever still holds an evicted one may read on.
 */
import assert from 'node:assert/strict'

interface Slot<T> {
  readonly owner: Map<number, Slot<T>>
  readonly page: number
  readonly content: T
  readonly bytes: number
  readonly chancesMax: number
  chances: number
  /** Position in the ring. */
  at: number
}

/** The pages of one database. */
export interface Partition<T> {
  get(page: number): T | undefined
  /** `chances`: how often the hand passes before it goes; 1 = a leaf. */
  put(page: number, content: T, size: { readonly bytes: number; readonly chances: number }): void
  drop(page: number): void
  clear(): void
  readonly pages: number
}

export class PageCache<T> {
  readonly #bytesMax: number
  readonly #ring: Slot<T>[] = []
  #hand = 0
  #bytes = 0

  constructor(bytesMax: number) {
    assert(bytesMax > 0)
    this.#bytesMax = bytesMax
  }

  /** Bytes held now; never above the bound, but for the page put last. */
  get bytes(): number {
    return this.#bytes
  }

  /** A part of its own for one database: page numbers mean something only inside it. */
  partition(): Partition<T> {
    const slots = new Map<number, Slot<T>>()
    return {
      get: (page) => {
        const slot = slots.get(page)
        if (slot === undefined) return undefined
        slot.chances = slot.chancesMax
        return slot.content
      },
      put: (page, content, { bytes, chances }) => {
        this.#remove(slots.get(page))
        const slot = { owner: slots, page, content, bytes, chancesMax: chances, chances, at: 0 }
        this.#add(slot)
      },
      drop: (page) => this.#remove(slots.get(page)),
      clear: () => {
        for (const slot of slots.values()) this.#remove(slot)
      },
      get pages() {
        return slots.size
      },
    }
  }

  #add(slot: Slot<T>): void {
    while (this.#bytes + slot.bytes > this.#bytesMax && this.#ring.length > 0) this.#evictOne()
    slot.at = this.#ring.push(slot) - 1
    slot.owner.set(slot.page, slot)
    this.#bytes += slot.bytes
  }

  #evictOne(): void {
    for (;;) {
      if (this.#hand >= this.#ring.length) this.#hand = 0
      const slot = this.#ring[this.#hand]
      assert(slot !== undefined)
      if (slot.chances === 0) {
        this.#remove(slot)
        return
      }
      slot.chances -= 1
      this.#hand += 1
    }
  }

  /** The last slot of the ring moves into the gap. */
  #remove(slot: Slot<T> | undefined): void {
    if (slot === undefined) return
    slot.owner.delete(slot.page)
    this.#bytes -= slot.bytes
    const last = this.#ring.pop()
    if (last === undefined || last === slot) return
    this.#ring[slot.at] = last
    last.at = slot.at
  }
}
