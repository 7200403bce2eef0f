/** Long work in slices: who walks over much gives the loop its turn now and then, so that others are answered in between. */
import { setImmediate } from 'node:timers/promises'
import { sliceBytes, sliceKeys } from '#server/limits.ts'

export class Slices {
  #bytes = 0
  #keys = 0

  /**
   * Notes work done, `steps` as much as it takes to read a key; returns one turn of the loop where a slice is full. Await only if it
   * returns a promise: most calls do not.
   */
  done(bytes: number, steps = 1): Promise<void> | undefined {
    this.#bytes += bytes
    this.#keys += steps
    if (this.#bytes < sliceBytes && this.#keys < sliceKeys) return undefined
    this.#bytes = 0
    this.#keys = 0
    return setImmediate()
  }
}

/** Does work whose steps yield the bytes they went through; resolves with what it returns, rejects with what it throws. */
export async function inSlices<T>(work: Generator<number, T>): Promise<T> {
  const slices = new Slices()
  let step = work.next()
  for (; !step.done; step = work.next()) {
    const full = slices.done(step.value)
    if (full !== undefined) await full
  }
  return step.value
}
