/** The words for rights as they travel on the wire: clearances, and the map of databases. */

import { permissionsMax } from '#server/limits.ts'
import { composedDatabaseName, databaseKey, databaseNameObjection } from '#shared/database-name.ts'
import type { Clearance, DatabaseAccess } from './actions.ts'
import { accessErrors } from './errors.ts'
import { parseInstant } from './instant.ts'

/** Database name as it was given → access. Asked without regard to case, through `accessTo`. */
export type Permissions = Readonly<Record<string, DatabaseAccess>>

const clearances: readonly string[] = ['ClusterAdmin', 'ClusterNode', 'Operator', 'ValidUser']
const accesses: readonly DatabaseAccess[] = ['Read', 'ReadWrite', 'Admin']

/** A clearance; nothing at all is the least, a ValidUser. Throws `ClearanceUnknown`, for RavenDB's `UnauthenticatedClients` too. */
export function parseClearance(value: unknown): Clearance {
  if (value === undefined || value === null) return 'ValidUser'
  if (typeof value === 'string' && clearances.includes(value)) return value as Clearance
  throw accessErrors.ClearanceUnknown(shown(value))
}

/** A map of permissions; nothing at all is an empty one. Throws `PermissionInvalid`. */
export function parsePermissions(value: unknown): Permissions {
  if (value === undefined || value === null) return {}
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw accessErrors.PermissionInvalid('Permissions must be an object of database names')
  }
  const entries = Object.entries(value)
  if (entries.length > permissionsMax) {
    throw accessErrors.PermissionInvalid(
      `there are ${entries.length}, at most ${permissionsMax} are kept`,
    )
  }
  demandOneOfEach(entries.map(([name]) => name))
  return Object.fromEntries(
    entries.map(([name, access]) => [databaseName(name), parseAccess(name, access)]),
  )
}

/**
 * When permissions end, by the name that they have in `permissions`; nothing where none does. Throws `PermissionInvalid` for a database
 * that they do not name, and `CertificateFormatInvalid` for what is no instant.
 */
export function parsePermissionExpirations(
  value: unknown,
  permissions: Permissions,
): Readonly<Record<string, number>> | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw accessErrors.PermissionInvalid('PermissionExpirations must be an object of instants')
  }
  const said = Object.entries(value).filter(([, instant]) => instant !== null)
  demandOneOfEach(said.map(([name]) => name))
  const names = new Map(Object.keys(permissions).map((name) => [databaseKey(name), name]))
  const ends = said.map(([name, instant]): [string, number] => {
    const permission = names.get(databaseKey(name))
    if (permission === undefined) {
      throw accessErrors.PermissionInvalid(
        `PermissionExpirations name ${shown(name)}, to which Permissions give no access`,
      )
    }
    return [permission, parseInstant(`PermissionExpirations of ${shown(name)}`, instant)]
  })
  return ends.length === 0 ? undefined : Object.fromEntries(ends)
}

/** What the permissions give on that database. */
export function accessTo(permissions: Permissions, database: string): DatabaseAccess | undefined {
  if (Object.hasOwn(permissions, database)) return permissions[database]
  const wanted = databaseKey(database)
  const entry = Object.entries(permissions).find(([name]) => databaseKey(name) === wanted)
  return entry?.[1]
}

/** Whether one access includes the other: Admin > ReadWrite > Read. */
export function includesAccess(given: DatabaseAccess, needed: DatabaseAccess): boolean {
  return accesses.indexOf(given) >= accesses.indexOf(needed)
}

function parseAccess(name: string, access: unknown): DatabaseAccess {
  const known = accesses.find((one) => one === access)
  if (known !== undefined) return known
  throw accessErrors.PermissionInvalid(
    `"${name}" has ${shown(access)}; it can be Read, ReadWrite or Admin`,
  )
}

/** Only names that a database could have: whatever else is a slip that would surprise later. */
function databaseName(name: string): string {
  const why = databaseNameObjection(composedDatabaseName(name))
  if (why !== undefined) {
    throw accessErrors.PermissionInvalid(`${shown(name)} cannot be the name of a database, ${why}`)
  }
  return name
}

function demandOneOfEach(names: readonly string[]): void {
  const seen = new Set(names.map(databaseKey))
  if (seen.size < names.length) {
    throw accessErrors.PermissionInvalid('a database is named twice, in different cases')
  }
}

function shown(value: unknown): string {
  return typeof value === 'string' ? `"${value.slice(0, 60)}"` : `a value of kind ${typeof value}`
}
