/** Names of databases: RavenDB's rules made strict. A name is never a folder's name; it must be safe as one all the same. */
import { databaseNameCharactersMax } from '#server/limits.ts'
import { systemErrors } from './errors.ts'

/** Windows takes these for devices, with any ending; scripts of administrators make files out of names. */
const deviceName = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i

/** The name as it is kept, in Unicode's composed form. @throws DatabaseNameInvalid */
export function checkedDatabaseName(name: string): string {
  const composed = name.normalize('NFC')
  const why = objection(composed)
  if (why !== undefined) throw systemErrors.DatabaseNameInvalid(shown(composed), why)
  return composed
}

/** What two names share that differ in case only; the permissions of certificates are compared alike. */
export function databaseKey(name: string): string {
  return name.toLowerCase()
}

function objection(name: string): string | undefined {
  if (name.trim() === '') return 'it is empty'
  if (name.length > databaseNameCharactersMax) {
    return `it has more than ${databaseNameCharactersMax} characters`
  }
  if (!/^[\p{L}\p{M}\p{Nd}_.-]+$/u.test(name)) {
    return 'only letters, digits, "_", "-" and "." are allowed'
  }
  if (name.startsWith('.') || name.endsWith('.')) return 'it begins or ends with "."'
  if (name.includes('..')) return '".." stands in it'
  if (deviceName.test(name)) return 'it is the name of a device on Windows'
  return databaseKey(name) === 'system' ? 'it is that of the server store' : undefined
}

/** Enough to recognize a name in a message. */
function shown(name: string): string {
  return name.length > databaseNameCharactersMax
    ? `${name.slice(0, databaseNameCharactersMax)}…`
    : name
}
