/** The name that a caller wants for a database, checked. */
import {
  composedDatabaseName,
  databaseNameCharactersMax,
  databaseNameObjection,
} from '#shared/database-name.ts'
import { systemErrors } from './errors.ts'

/** The name as it is kept, in Unicode's composed form. @throws DatabaseNameInvalid */
export function checkedDatabaseName(name: string): string {
  const composed = composedDatabaseName(name)
  const why = databaseNameObjection(composed)
  if (why !== undefined) throw systemErrors.DatabaseNameInvalid(shown(composed), why)
  return composed
}

/** Enough to recognize a name in a message. */
function shown(name: string): string {
  return name.length > databaseNameCharactersMax
    ? `${name.slice(0, databaseNameCharactersMax)}…`
    : name
}
