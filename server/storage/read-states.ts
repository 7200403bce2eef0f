/** Which older states are read: what keeps their pages from being used again. */
import { type FreeWalk, type ReadState, wholeList } from './free-list.ts'

export class ReadStates {
  /** By commit, each with how often it is read. */
  readonly #states = new Map<number, ReadState & { readonly count: number }>()
  /** Where the next walk over the free list begins. */
  walk: FreeWalk = wholeList

  get all(): readonly ReadState[] {
    return [...this.#states.values()]
  }

  /** A reader of this state has begun. */
  begin(state: ReadState): void {
    this.#count(state, 1)
  }

  /** It has ended. What it held is anywhere on the list. */
  end(state: ReadState): void {
    this.#count(state, -1)
    this.walk = wholeList
  }

  #count({ commit, nextPage }: ReadState, by: 1 | -1): void {
    const count = (this.#states.get(commit)?.count ?? 0) + by
    if (count > 0) this.#states.set(commit, { commit, nextPage, count })
    else this.#states.delete(commit)
  }
}
