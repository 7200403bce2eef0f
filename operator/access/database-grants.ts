/**
 * The databases that a permission names: those that a server takes, and those that none could have. One that nobody can have keeps no
 * other from being given, or taken back.
 */
import type { StrongroomPermission } from '#operator/api/permission.ts'
import { composedDatabaseName, databaseKey, databaseNameObjection } from '#shared/database-name.ts'

export type Grant = NonNullable<StrongroomPermission['spec']['databases']>[number]

/** Grants that a server takes. Of two that differ in the case of the name only, the first. */
export function validGrants({ spec: { databases = [] } }: StrongroomPermission): Grant[] {
  const byKey = new Map<string, Grant>()
  for (const grant of databases) {
    const key = databaseKey(grant.name)
    if (objectionTo(grant.name) === undefined && !byKey.has(key)) byKey.set(key, grant)
  }
  return [...byKey.values()]
}

/** Why some of the databases that a permission names are left out; nothing where none is. */
export function refusedGrants(permission: StrongroomPermission): string | undefined {
  const { databases = [] } = permission.spec
  const taken = new Set(validGrants(permission))
  const refused = databases
    .filter((grant) => !taken.has(grant))
    .map(({ name }) => `"${name}" (${objectionTo(name) ?? 'it is named twice'})`)
  if (refused.length === 0) return undefined
  return `${refused.length} of the databases cannot be given, the others are not affected. Correct or remove: ${refused.join(', ')}`
}

function objectionTo(name: string): string | undefined {
  return databaseNameObjection(composedDatabaseName(name))
}
