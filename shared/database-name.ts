/** Names of databases: RavenDB's rules made strict. A name is never a folder's name; it must be safe as one all the same. */
import { foldCase } from './fold-case.ts'

/** Longest name of a database, in UTF-16 units. */
export const databaseNameCharactersMax = 128

/** Letters, digits, `_`, `-` and `.`, which neither begins nor ends it nor stands twice: as a pattern that JavaScript (flag `u`), Go and CEL read alike. */
export const databaseNamePattern = '^[\\p{L}\\p{M}\\p{Nd}_-]+(\\.[\\p{L}\\p{M}\\p{Nd}_-]+)*$'

/** Windows takes these for devices, with any ending; scripts of administrators make files out of names. Of a name in lower case. */
export const deviceNamePattern = '^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\\.|$)'
const deviceName = new RegExp(deviceNamePattern, 'i')

/** The name as it is kept: in Unicode's composed form, so that two ways to type one name are one. */
export function composedDatabaseName(name: string): string {
  return name.normalize('NFC')
}

/** What all spellings of one name share, in capitals or not, composed or not. Names are compared by nothing else. */
export function databaseKey(name: string): string {
  return foldCase(composedDatabaseName(name))
}

/** Why no database can have this name, in the middle of a sentence; undefined where one can. `name`: composed. */
export function databaseNameObjection(name: string): string | undefined {
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
