/** Every generated page: where it lies and what must stand in it. */

import { errorTables } from './error-tables.ts'
import { errorsPage } from './errors.ts'

/** Path from the root → text. */
export function generatedPages(): ReadonlyMap<string, string> {
  return new Map([['docs/reference/errors.md', errorsPage(errorTables())]])
}
