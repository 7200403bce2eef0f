/**
 * The rights of one record: the union of all permissions that are about it. Pure.
 *
 * Two that give different access to the same database cannot both hold: the older counts, the younger is in conflict as a
 * whole. One that has ended, or is being deleted, gives nothing. None at all is a ValidUser without databases.
 */
import type { Access, CertificateState, Clearance, GrantedRights } from '#operator/admin/admin.ts'
import type { StrongroomPermission } from '#operator/api/permission.ts'
import { isEarlier } from '#operator/kube/age.ts'
import { databaseKey } from '#shared/database-name.ts'
import { validGrants } from './database-grants.ts'

/** Empty permissions for admins and operators, who may use every database, unless that ends. */
export type Rights = GrantedRights

export interface Union {
  readonly rights: Rights
  /** Name of a permission in conflict → why. */
  readonly conflicts: ReadonlyMap<string, string>
  /** When the next of them ends by itself, as milliseconds since 1970. */
  readonly endsAtMs: number | undefined
}

interface Granted {
  readonly name: string
  readonly access: Access
  readonly by: string
  readonly endsAtMs: number
}

const order: readonly string[] = ['ValidUser', 'Operator', 'ClusterAdmin']
const accesses: readonly Access[] = ['Read', 'ReadWrite', 'Admin']
const never = Number.POSITIVE_INFINITY
/** The last instant that has four digits for its year. */
const lastInstantMs = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

export function unionOf(permissions: readonly StrongroomPermission[], nowMs: number): Union {
  const current = permissions
    .filter((permission) => isCurrent(permission, nowMs))
    .toSorted((a, b) => (isEarlier(a, b) ? -1 : 1))
  const granted = new Map<string, Granted>()
  const conflicts = new Map<string, string>()
  let clearance: { readonly name: Clearance; readonly endsAtMs: number } = {
    name: 'ValidUser',
    endsAtMs: never,
  }
  for (const permission of current) {
    const conflict = conflictOf(permission, granted)
    if (conflict !== undefined) {
      conflicts.set(permission.metadata.name, conflict)
      continue
    }
    clearance = higher(clearance, {
      name: permission.spec.clearance ?? 'ValidUser',
      endsAtMs: endOf(permission),
    })
    for (const { name, access } of validGrants(permission)) {
      const known = granted.get(databaseKey(name))
      const endsAtMs = Math.max(endOf(permission), known?.endsAtMs ?? 0)
      granted.set(databaseKey(name), {
        ...(known ?? { name, access, by: permission.metadata.name }),
        endsAtMs,
      })
    }
  }
  const ends = current.map(endOf).filter((endsAtMs) => endsAtMs !== never)
  return {
    rights: rightsFrom(clearance, [...granted.values()]),
    conflicts,
    endsAtMs: ends.length === 0 ? undefined : Math.min(...ends),
  }
}

function rightsFrom(
  clearance: { readonly name: Clearance; readonly endsAtMs: number },
  granted: readonly Granted[],
): Rights {
  const isAboveForGood = clearance.name !== 'ValidUser' && clearance.endsAtMs === never
  const databases = isAboveForGood ? [] : granted.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const ends = databases.filter(({ endsAtMs }) => endsAtMs !== never)
  return {
    clearance: clearance.name,
    permissions: Object.fromEntries(databases.map(({ name, access }) => [name, access])),
    ...(ends.length === 0
      ? {}
      : { ends: Object.fromEntries(ends.map(({ name, endsAtMs }) => [name, endsAtMs])) }),
    ...(clearance.name === 'ValidUser' || isAboveForGood
      ? {}
      : { clearanceEndsAtMs: clearance.endsAtMs }),
  }
}

function isCurrent(permission: StrongroomPermission, nowMs: number): boolean {
  return permission.metadata.deletionTimestamp === undefined && endOf(permission) > nowMs
}

/** Milliseconds since 1970; a text that is no instant has ended. */
function endOf({ spec: { notAfter } }: StrongroomPermission): number {
  if (notAfter === undefined) return never
  const end = Date.parse(notAfter)
  return Number.isNaN(end) ? 0 : Math.min(end, lastInstantMs)
}

function conflictOf(
  permission: StrongroomPermission,
  granted: ReadonlyMap<string, Granted>,
): string | undefined {
  for (const { name, access } of validGrants(permission)) {
    const earlier = granted.get(databaseKey(name))
    if (earlier !== undefined && earlier.access !== access)
      return `"${earlier.by}" gives ${earlier.access} on database "${name}", this one ${access}: make them agree`
  }
  return undefined
}

/** The higher of two, and of two equal ones that which holds longer. */
function higher<T extends { readonly name: Clearance; readonly endsAtMs: number }>(a: T, b: T): T {
  const difference = order.indexOf(a.name) - order.indexOf(b.name)
  if (difference !== 0) return difference > 0 ? a : b
  return a.endsAtMs >= b.endsAtMs ? a : b
}

/** What a record on the server says of rights. */
export type RecordRights = Pick<
  CertificateState,
  'clearance' | 'permissions' | 'ends' | 'clearanceEndsAtMs'
>

/** What of a record on the server differs from the rights that it should have; empty where nothing does. */
export function differences(record: RecordRights, rights: Rights): string[] {
  const found = byDatabase(record.permissions)
  const wanted = byDatabase(rights.permissions)
  const names = [...new Set([...found.keys(), ...wanted.keys()])]
  const databases = names.filter((name) => found.get(name) !== wanted.get(name))
  return [
    ...(record.clearance === rights.clearance ? [] : ['clearance']),
    ...databases.map((name) => `databases[${name}]`),
    ...endDifferences(record, rights, new Set(databases)),
  ]
}

/** Of what both have: when it ends. */
function endDifferences(
  record: RecordRights,
  rights: Rights,
  skipped: ReadonlySet<string>,
): string[] {
  const found = byDatabase(record.ends ?? {})
  const wanted = byDatabase(rights.ends ?? {})
  const names = [...byDatabase(rights.permissions).keys()].filter((name) => !skipped.has(name))
  const isClearanceSame =
    rights.clearance === 'ValidUser' ||
    record.clearance !== rights.clearance ||
    isSameInstant(record.clearanceEndsAtMs, rights.clearanceEndsAtMs)
  return [
    ...(isClearanceSame ? [] : ['clearanceEnd']),
    ...names
      .filter((name) => !isSameInstant(found.get(name), wanted.get(name)))
      .map((name) => `ends[${name}]`),
  ]
}

/**
 * Is it only the time of their end that differs? A server from before there were ends takes them and keeps none: it is not asked again and
 * again at once.
 */
export function isOnlyAboutEnds(fields: readonly string[]): boolean {
  return fields.length > 0 && fields.every((field) => /^(?:ends\[|clearanceEnd$)/.test(field))
}

/** Servers may keep whole seconds. */
function isSameInstant(a: number | undefined, b: number | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return Math.floor(a / 1000) === Math.floor(b / 1000)
}

/** Does the record have a right that it should not have, or for longer? */
export function exceeds(record: RecordRights, rights: Rights): boolean {
  return differences(record, narrowed(record, rights)).length > 0
}

/**
 * What both have: rights that are on the record already, less those that it should not have. A server takes them whatever it thinks of
 * what else is wanted, for it took all of it before.
 */
export function narrowed(record: RecordRights, rights: Rights): Rights {
  const wanted = byDatabase(rights.permissions)
  const isAbove = rank(record.clearance) > rank(rights.clearance)
  const clearance = isAbove ? rights.clearance : (record.clearance as Clearance)
  const permissions = Object.entries(record.permissions).flatMap(([name, access]) => {
    const other = wanted.get(databaseKey(name))
    if (other === undefined) return []
    return [[name, accessRank(access) > accessRank(other) ? other : access] as const]
  })
  const ends = earlierEnds(permissions, record.ends, rights.ends)
  const clearanceEndsAtMs =
    clearance === 'ValidUser'
      ? undefined
      : earlier(
          record.clearanceEndsAtMs,
          clearance === rights.clearance ? rights.clearanceEndsAtMs : undefined,
        )
  return {
    clearance,
    permissions: Object.fromEntries(permissions),
    ...(Object.keys(ends).length === 0 ? {} : { ends }),
    ...(clearanceEndsAtMs === undefined ? {} : { clearanceEndsAtMs }),
  }
}

function earlierEnds(
  permissions: readonly (readonly [string, Access])[],
  found: RecordRights['ends'] = {},
  wanted: Rights['ends'] = {},
): Record<string, number> {
  const [present, later] = [byDatabase(found), byDatabase(wanted)]
  return Object.fromEntries(
    permissions.flatMap(([name]) => {
      const key = databaseKey(name)
      const end = earlier(present.get(key), later.get(key))
      return end === undefined ? [] : [[name, end]]
    }),
  )
}

function earlier(a: number | undefined, b: number | undefined): number | undefined {
  const end = Math.min(a ?? never, b ?? never)
  return end === never ? undefined : end
}

/** Whatever else a server may have is more than all that is known. */
function accessRank(access: Access): number {
  const found = accesses.indexOf(access)
  return found < 0 ? accesses.length : found
}

/** ClusterNode, and whatever else a server may have, is as much as ClusterAdmin. */
function rank(clearance: string): number {
  const found = order.indexOf(clearance)
  return found < 0 ? order.length : found
}

/** Servers compare the names of databases by these keys. */
function byDatabase<T>(values: Readonly<Record<string, T>>): ReadonlyMap<string, T> {
  return new Map(Object.entries(values).map(([name, value]) => [databaseKey(name), value]))
}
