/**
 * The rights of one subject: the union of all permissions that name it. Pure.
 *
 * Two that give different access to the same database cannot both hold: the older counts, the younger is in conflict as a
 * whole. One that has ended, or is being deleted, gives nothing. None at all is a ValidUser without databases.
 */
import type { Access, CertificateState, Clearance } from '#operator/admin/admin.ts'
import type { StrongroomPermission } from '#operator/api/permission.ts'
import { isEarlier } from '#operator/kube/age.ts'
import { databaseKey } from '#shared/database-name.ts'

export interface Rights {
  readonly clearance: Clearance
  /** Database → access; empty for admins and operators, who may use every one. */
  readonly permissions: Readonly<Record<string, Access>>
}

export interface Union {
  readonly rights: Rights
  /** Name of a permission in conflict → why. */
  readonly conflicts: ReadonlyMap<string, string>
  /** When the next of them ends by itself, as milliseconds since 1970. */
  readonly endsAtMs: number | undefined
}

const order: readonly Clearance[] = ['ValidUser', 'Operator', 'ClusterAdmin']

export function unionOf(permissions: readonly StrongroomPermission[], nowMs: number): Union {
  const current = permissions
    .filter((permission) => isCurrent(permission, nowMs))
    .toSorted((a, b) => (isEarlier(a, b) ? -1 : 1))
  const granted = new Map<
    string,
    { readonly name: string; readonly access: Access; readonly by: string }
  >()
  const conflicts = new Map<string, string>()
  let clearance: Clearance = 'ValidUser'
  for (const permission of current) {
    const conflict = conflictOf(permission, granted)
    if (conflict !== undefined) {
      conflicts.set(permission.metadata.name, conflict)
      continue
    }
    clearance = higher(clearance, permission.spec.clearance ?? 'ValidUser')
    for (const { name, access } of permission.spec.databases ?? []) {
      granted.set(databaseKey(name), { name, access, by: permission.metadata.name })
    }
  }
  const databases =
    clearance === 'ValidUser'
      ? [...granted.values()].map(({ name, access }) => [name, access] as const)
      : []
  const ends = current.flatMap(({ spec }) =>
    spec.notAfter === undefined ? [] : Date.parse(spec.notAfter),
  )
  return {
    rights: { clearance, permissions: Object.fromEntries(databases.toSorted()) },
    conflicts,
    endsAtMs: ends.length === 0 ? undefined : Math.min(...ends),
  }
}

function isCurrent({ spec, metadata }: StrongroomPermission, nowMs: number): boolean {
  return (
    metadata.deletionTimestamp === undefined &&
    (spec.notAfter === undefined || Date.parse(spec.notAfter) > nowMs)
  )
}

function conflictOf(
  { spec }: StrongroomPermission,
  granted: ReadonlyMap<string, { readonly access: Access; readonly by: string }>,
): string | undefined {
  for (const { name, access } of spec.databases ?? []) {
    const earlier = granted.get(databaseKey(name))
    if (earlier !== undefined && earlier.access !== access)
      return `"${earlier.by}" gives ${earlier.access} on database "${name}", this one ${access}: make them agree`
  }
  return undefined
}

function higher(a: Clearance, b: Clearance): Clearance {
  return order.indexOf(a) >= order.indexOf(b) ? a : b
}

/** What of a record on the server differs from the rights that it should have; empty where nothing does. */
export function differences(
  record: Pick<CertificateState, 'clearance' | 'permissions'>,
  rights: Rights,
): string[] {
  const clearance = record.clearance === rights.clearance ? [] : ['clearance']
  const found = byDatabase(record.permissions)
  const wanted = byDatabase(rights.permissions)
  const databases = [...new Set([...found.keys(), ...wanted.keys()])].filter(
    (name) => found.get(name) !== wanted.get(name),
  )
  return [...clearance, ...databases.map((name) => `databases[${name}]`)]
}

/** Servers compare the names of databases by these keys. */
function byDatabase(permissions: Readonly<Record<string, Access>>): ReadonlyMap<string, Access> {
  return new Map(Object.entries(permissions).map(([name, access]) => [databaseKey(name), access]))
}
