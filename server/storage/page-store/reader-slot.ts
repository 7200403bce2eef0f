/**
 * Reads of an LMDB environment, also where it gives no reader slot.
 *
 * LMDB locks the byte of its process number before its first read. Two containers on one machine have the same number (mostly 1), so the
 * second of them gets no slot while the first lives. A write transaction needs none, and one that writes nothing costs no sync: the
 * second reads in such, takes the folder over with them, and the first stops, which frees the slot.
 */

/** What it needs of lmdb's environment. */
export interface ReadableEnvironment {
  /** A table for people, a line for each slot; the first column is a process number. */
  readerList(): string
  resetReadTxn(): void
  transactionSync<T>(work: () => T): T
}

export class ReaderSlot {
  readonly #environment: ReadableEnvironment
  readonly #processNumber: number
  /** Kept until the environment is closed. */
  #isOurs = false

  constructor(environment: ReadableEnvironment, processNumber: number) {
    this.#environment = environment
    this.#processNumber = processNumber
  }

  /** Runs `work`, which reads and holds nothing open after it, in a read transaction or, without a slot, in a write transaction. */
  read<T>(work: () => T): T {
    if (this.#isOurs) return work()
    if (this.#isTaken()) return this.#environment.transactionSync(work)
    try {
      const result = work()
      this.#isOurs = true
      return result
    } catch (error) {
      if (!isWithoutSlot(error)) throw error
      this.#forgetTransaction()
      return this.#environment.transactionSync(work)
    }
  }

  /** What `make` goes through: as it is asked for, or all at once in a write transaction where no slot was had so far. */
  iterate<T>(make: () => Iterable<T>): Iterable<T> {
    return this.#isOurs ? make() : this.read(() => [...make()])
  }

  /**
   * Asks first, because lmdb tries for ten seconds, and nothing else goes on meanwhile, before it gives up. The line of a process that
   * was killed stays until the next start: reads are slower until then, and still right.
   */
  #isTaken(): boolean {
    const ownLine = new RegExp(`^\\s*${this.#processNumber}\\s`, 'm')
    return ownLine.test(this.#environment.readerList())
  }

  /** What lmdb holds after it got no slot throws once, now or from a timer, where it would end the process. */
  #forgetTransaction(): void {
    try {
      this.#environment.resetReadTxn()
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
    }
  }
}

/** All that lmdb says then: it looks for the address of a transaction that is null, or undefined before there was one. */
function isWithoutSlot(error: unknown): boolean {
  return (
    error instanceof TypeError && /of (null|undefined) \(reading 'address'\)/.test(error.message)
  )
}
