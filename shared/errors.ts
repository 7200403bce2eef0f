/**
 * Coded errors, declared in one table for each process.
 *
 * The code is the interface: it never changes meaning and is never reused. The message says what could not be done,
 * then a colon and the state that was found, then what to do about it.
 */

/** What a row of the table says about one error. */
export interface ErrorRow<Args extends readonly never[] = readonly never[]> {
  /** HTTP status that this error becomes when it reaches a route. */
  readonly status: number
  /** Name under which RavenDB's clients know it, e.g. `Raven.Client.Exceptions.ConcurrencyException`. */
  readonly type: string
  /** The text, from the arguments of the factory. Holds no secret and no document content. */
  readonly message: (...args: Args) => string
  /** Further members of the HTTP error body, e.g. `ExpectedChangeVector`; RavenDB's names. */
  readonly details?: (...args: Args) => Readonly<Record<string, unknown>>
  /** Headers of the HTTP answer, e.g. `Database-Missing`. */
  readonly headers?: (...args: Args) => Readonly<Record<string, string>>
}

/** What an error says besides its code and its text; see `ErrorRow`. */
export interface ErrorExtras {
  readonly status: number
  readonly type: string
  readonly details?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
}

/** An error of the world (bad input, refused access, damaged file), as opposed to a mistake of ours (`assert`). */
export class CodedError extends Error {
  readonly code: string
  readonly status: number
  readonly type: string
  readonly details: Readonly<Record<string, unknown>>
  readonly headers: Readonly<Record<string, string>>

  constructor(code: string, message: string, extras: ErrorExtras) {
    super(message)
    this.name = 'CodedError'
    this.code = code
    this.status = extras.status
    this.type = extras.type
    this.details = extras.details ?? {}
    this.headers = extras.headers ?? {}
  }
}

type Rows = Readonly<Record<string, ErrorRow>>

/** Makes the error of one row; the row stays readable, for the reference pages and for tests of the whole table. */
type Factory<Make extends (...args: never[]) => unknown> = ((
  ...args: Parameters<Make>
) => CodedError) & { readonly row: ErrorRow }

type Factories<R extends Rows> = {
  readonly [Code in keyof R]: Factory<R[Code]['message']>
}

/** Turns a table of rows into a table of factories: `throw errors.DocumentConflict('orders/1')`. */
export function defineErrors<const R extends Rows>(rows: R): Factories<R> {
  const factories = Object.entries(rows).map(([code, row]) => [code, factory(code, row)] as const)
  return Object.freeze(Object.fromEntries(factories)) as unknown as Factories<R>
}

function factory(code: string, row: ErrorRow): Factory<ErrorRow['message']> {
  const make = (...args: never[]): CodedError =>
    new CodedError(code, row.message(...args), {
      status: row.status,
      type: row.type,
      details: row.details?.(...args) ?? {},
      headers: row.headers?.(...args) ?? {},
    })
  return Object.assign(make, { row })
}

/** True for an error with this code, whichever table made it. */
export function hasCode(error: unknown, code: string): error is CodedError {
  return error instanceof CodedError && error.code === code
}
