/** Finds a name that occurs twice in one object, also where it is escaped differently. */
import { jsonNamesMax } from '#server/limits.ts'
import { databaseErrors } from '../errors.ts'
import { unescaped } from './value.ts'

/** Up to that many names of one object are compared pairwise; beyond, a set is quicker. */
const pairwiseNamesMax = 24

/** From that many bytes on, comparing in native code is quicker than getting there. */
const longNameBytes = 64

/** The names of the objects that are open, to find the same name twice. */
export class Names {
  readonly #text: Buffer
  readonly #namesMax: number
  /** Start and end of each name, of all open objects one after the other. */
  readonly #places: number[] = []
  /** How many names stand in sets. */
  #inSets = 0

  constructor(text: Buffer, namesMax = jsonNamesMax) {
    this.#text = text
    this.#namesMax = namesMax
  }

  begin(): OpenObject {
    return { base: this.#places.length, seen: undefined }
  }

  end(object: OpenObject): void {
    this.#places.length = object.base
    this.#inSets -= object.seen?.size ?? 0
  }

  // biome-ignore lint/complexity/useMaxParams: called for every name of every document; a record for each shows
  add(object: OpenObject, start: number, end: number, escaped: boolean): void {
    if (object.seen === undefined && !escaped) {
      if (this.#pairwise(object, start, end)) return
    }
    object.seen ??= this.#setOf(object)
    const name = unescaped(this.#text, start, end)
    if (object.seen.has(name)) throw databaseErrors.JsonDuplicateName(start)
    if (this.#inSets >= this.#namesMax) throw databaseErrors.JsonTooWide(start, this.#namesMax)
    object.seen.add(name)
    this.#inSets += 1
  }

  /** False where the object has too many names for this. */
  #pairwise(object: OpenObject, start: number, end: number): boolean {
    const places = this.#places
    if (places.length - object.base >= 2 * pairwiseNamesMax) return false
    const length = end - start
    for (let index = object.base; index < places.length; index += 2) {
      const other = places[index] ?? 0
      if ((places[index + 1] ?? 0) - other === length && this.#same(start, other, length))
        throw databaseErrors.JsonDuplicateName(start)
    }
    places.push(start, end)
    return true
  }

  #same(one: number, other: number, length: number): boolean {
    if (length > longNameBytes) {
      const text = this.#text
      return text.compare(text, one, one + length, other, other + length) === 0
    }
    for (let index = length - 1; index >= 0; index--) {
      if (this.#text[one + index] !== this.#text[other + index]) return false
    }
    return true
  }

  #setOf(object: OpenObject): Set<string> {
    const seen = new Set<string>()
    for (let index = object.base; index < this.#places.length; index += 2) {
      seen.add(unescaped(this.#text, this.#places[index] ?? 0, this.#places[index + 1] ?? 0))
    }
    this.#inSets += seen.size
    return seen
  }
}

export interface OpenObject {
  /** Where its names begin in the list of places. */
  readonly base: number
  /** Its names, once pairwise comparing stops being cheap. */
  seen: Set<string> | undefined
}
