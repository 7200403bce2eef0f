/**
 * A write-set: plain data that says what to change, with everything that chance or the clock decided already in it, so that
 * applying it gives the same outcome on every member. It holds texts, numbers and bytes only: a log can write it down.
 */
import type { DocumentText } from './metadata.ts'

export interface WriteSet {
  /** Milliseconds since 1970 when the change was asked for. */
  readonly now: number
  /** Applied in order, all or none. */
  readonly commands: readonly Command[]
}

export type Command = PutCommand | DeleteCommand | IdentityCommand | HiloNext | HiloReturn

/** `expected`: left out = whatever is there; `''` = nothing may be there; else the change vector that must be there. */
export interface PutCommand extends DocumentText {
  readonly kind: 'put'
  /** May end in `/` or `|`: the rest is made when the set is applied. */
  readonly id: string
  readonly expected?: string
}

export interface DeleteCommand {
  readonly kind: 'delete'
  readonly id: string
  readonly expected?: string
}

/** Without `seed`: the next value. With it: at least that value, or exactly that with `force`. */
export interface IdentityCommand {
  readonly kind: 'identity'
  /** With or without its bar. */
  readonly name: string
  readonly seed?: number
  readonly force?: boolean
}

/** The next range of numbers that a client may give to new documents. */
export interface HiloNext {
  readonly kind: 'hilo-next'
  readonly tag: string
  /** How many the client got last time; 0 at first. */
  readonly lastSize: number
  /** When it got them, in milliseconds; left out where it does not say. */
  readonly lastRangeAt?: number
  /** Highest number the client knows of. */
  readonly lastMax: number
}

/** Gives back what of a range was not used. */
export interface HiloReturn {
  readonly kind: 'hilo-return'
  readonly tag: string
  /** Last number used. */
  readonly last: number
  /** Top of the range. */
  readonly end: number
}

export type Outcome = PutOutcome | DeleteOutcome | IdentityOutcome | HiloOutcome

export interface PutOutcome {
  readonly kind: 'put'
  /** As completed. */
  readonly id: string
  readonly etag: number
  readonly collection: string
  readonly lastModified: number
}

export interface DeleteOutcome {
  readonly kind: 'delete'
  readonly id: string
  /** False where there was nothing. */
  readonly deleted: boolean
}

export interface IdentityOutcome {
  readonly kind: 'identity'
  readonly value: number
}

/** `low` and `high` are 0 for a range given back. */
export interface HiloOutcome {
  readonly kind: 'hilo'
  readonly low: number
  readonly high: number
  readonly at: number
}
