/**
 * Observed → Decision: an ordered list of checks, the first that fires decides. Pure.
 *
 * The order of a creation is escrow Secret → intent in status → key and database on the server, and each step may be repeated:
 * the key always comes from the Secret. Nothing that was there and is gone is made anew in silence.
 */
import {
  type Halt,
  isClusterGoing,
  misfitHalt,
  missingClusterHalt,
  stall,
  storeHalt,
  undecided,
  unreachableHalt,
  wait,
} from '#operator/access/halts.ts'
import { strongroomDatabases } from '#operator/api/database.ts'
import { isEarlier } from '#operator/kube/age.ts'
import { annotation, finalizer } from '#operator/kube/labels.ts'
import { type Secret, secretBytes } from '#operator/kube/secret.ts'
import { type Check, firstFinding } from '#shared/checks.ts'
import { databaseKey } from '#shared/database-name.ts'
import { fingerprintOf, keyName } from './escrow.ts'
import { type Observed, serverName } from './observe.ts'

export type Decision =
  | Halt
  | { readonly kind: 'release' }
  | { readonly kind: 'hold' }
  | { readonly kind: 'drop'; readonly name: string }
  | { readonly kind: 'make-key' }
  /** Status says first on which store it will be made: what exists there afterwards is ours. */
  | { readonly kind: 'intend'; readonly storeId: string }
  | { readonly kind: 'create' }
  | { readonly kind: 'enable'; readonly name: string }
  /** Something on the server differs, and spec.driftPolicy says to leave it. */
  | { readonly kind: 'drifted'; readonly fields: readonly string[]; readonly message: string }
  | { readonly kind: 'ready'; readonly databaseId: string; readonly message: string }

export const checks: readonly Check<Observed, Decision>[] = [
  hasNothingToUndo,
  mustDropOnServer,
  needsFinalizer,
  doesNotFitSchema,
  clusterIsMissing,
  isDeclaredTwice,
  storeIsNotTrusted,
  escrowIsLost,
  escrowHoldsNoKey,
  escrowIsAnother,
  serverIsUnreachable,
  encryptionDiffers,
  belongsToSomebodyElse,
  isLost,
  isAnotherDatabase,
  quarantined,
  isDisabled,
  isThere,
  needsKey,
  needsIntent,
  mustBeCreated,
]

export function decide(observed: Observed): Decision {
  return firstFinding(checks, observed) ?? undecided
}

function isDeleting({ database }: Observed): boolean {
  return database.metadata.deletionTimestamp !== undefined
}

function onServer({ server, database }: Observed) {
  const key = databaseKey(serverName(database))
  return server?.Databases.find(({ Name }) => databaseKey(Name) === key)
}

/** Made on the store that the server has now. */
function isOurs({ database, server }: Observed): boolean {
  return database.status?.storeId !== undefined && database.status.storeId === server?.StoreId
}

function hasNothingToUndo(observed: Observed): Decision | undefined {
  const { database, rivals } = observed
  if (!isDeleting(observed)) return undefined
  const isDelete = database.spec.reclaimPolicy === 'Delete'
  const neverMade = database.status?.storeId === undefined || rivals.length > 0
  const isGone = observed.server !== undefined && onServer(observed) === undefined
  return !isDelete || isClusterGoing(observed) || neverMade || isGone
    ? { kind: 'release' }
    : undefined
}

function mustDropOnServer(observed: Observed): Decision | undefined {
  if (!isDeleting(observed)) return undefined
  if (observed.server === undefined)
    return wait(
      'ServerUnreachable',
      `The database is deleted once the server can be reached: ${observed.unreachable ?? 'no member is ready'}`,
    )
  return { kind: 'drop', name: serverName(observed.database) }
}

function needsFinalizer({ database }: Observed): Decision | undefined {
  const isHeld = database.metadata.finalizers?.includes(finalizer) === true
  return database.spec.reclaimPolicy === 'Delete' && !isHeld ? { kind: 'hold' } : undefined
}

function doesNotFitSchema({ database }: Observed): Decision | undefined {
  return misfitHalt(strongroomDatabases, database)
}

function clusterIsMissing({ cluster, database }: Observed): Decision | undefined {
  return missingClusterHalt(cluster, database)
}

function isDeclaredTwice({ database, rivals }: Observed): Decision | undefined {
  const elder = rivals.find((rival) => isEarlier(rival, database))
  if (elder === undefined) return undefined
  return stall(
    'Conflict',
    `StrongroomDatabase "${elder.metadata.name}" declares the same database and is older: delete one of the two`,
  )
}

/** A server whose store was lost or put back gets nothing new until an administrator has spoken. */
function storeIsNotTrusted({ cluster, server }: Observed): Decision | undefined {
  return storeHalt(cluster, server?.StoreId)
}

function escrowIsLost({ database, escrow }: Observed): Decision | undefined {
  const { keyFingerprint, keySecretName } = database.status ?? {}
  if (keyFingerprint === undefined || secretBytes(escrow, keyName) !== undefined) return undefined
  if (escrow !== undefined) return stall('EscrowInvalid', keylessMessage(escrow, keyFingerprint))
  return stall(
    'EscrowMissing',
    `Secret "${keySecretName}" with the database's key (fingerprint ${keyFingerprint}) is gone. The server still holds the key; restore the Secret from your backup, no other key is made`,
  )
}

/** Somebody made the Secret, or emptied it: none is ever overwritten. */
function escrowHoldsNoKey({ database, escrow }: Observed): Decision | undefined {
  const isWanted = database.spec.encrypted !== false
  if (!isWanted || escrow === undefined || secretBytes(escrow, keyName) !== undefined)
    return undefined
  return stall('EscrowInvalid', keylessMessage(escrow, undefined))
}

function keylessMessage({ metadata }: Secret, fingerprint: string | undefined): string {
  const start = `Secret "${metadata.name}" is there but holds nothing under "${keyName}"`
  return fingerprint === undefined
    ? `${start}: put the database's key there (32 bytes), or delete the Secret to have one made`
    : `${start}: put the key with fingerprint ${fingerprint} back from your backup, no other key is made`
}

function escrowIsAnother({ database, escrow }: Observed): Decision | undefined {
  const known = database.status?.keyFingerprint
  const key = secretBytes(escrow, keyName)
  if (key !== undefined && key.length !== 32)
    return stall(
      'EscrowInvalid',
      `Secret "${escrow?.metadata.name}" holds ${key.length} bytes under "${keyName}", a key has 32`,
    )
  if (known === undefined || key === undefined || fingerprintOf(key) === known) return undefined
  return stall(
    'EscrowMismatch',
    `Secret "${escrow?.metadata.name}" holds another key than the one the database was made with: put the old one back`,
  )
}

function serverIsUnreachable({ server, unreachable }: Observed): Decision | undefined {
  return unreachableHalt(server, unreachable)
}

function encryptionDiffers(observed: Observed): Decision | undefined {
  const found = onServer(observed)
  const wanted = observed.database.spec.encrypted !== false
  if (found === undefined || found.Encrypted === wanted) return undefined
  return stall(
    'EncryptionDiffers',
    `The database on the server is ${found.Encrypted ? 'encrypted' : 'not encrypted'}: that cannot be changed, make a new one and copy the documents`,
  )
}

function belongsToSomebodyElse(observed: Observed): Decision | undefined {
  const { database } = observed
  if (
    onServer(observed) === undefined ||
    isOurs(observed) ||
    database.metadata.annotations?.[annotation.adopt] === 'true'
  )
    return undefined
  return stall(
    'AlreadyExists',
    `A database of this name is on the server already and was not made by this resource: take it over with the annotation ${annotation.adopt}=true, or choose another name`,
  )
}

function isLost(observed: Observed): Decision | undefined {
  const { database } = observed
  const id = database.status?.databaseId
  if (id === undefined || !isOurs(observed) || onServer(observed) !== undefined) return undefined
  if (database.metadata.annotations?.[annotation.acceptDataLoss] === id) return undefined
  return stall(
    'DatabaseLost',
    `Database ${id} is no longer on the server: somebody deleted it there. Restore it, or have an empty one made with ` +
      `kubectl annotate --overwrite strongroomdatabase ${database.metadata.name} ${annotation.acceptDataLoss}=${id}`,
  )
}

function isAnotherDatabase(observed: Observed): Decision | undefined {
  const { database } = observed
  const known = database.status?.databaseId
  const found = onServer(observed)
  if (known === undefined || found === undefined || !isOurs(observed) || found.Id === known)
    return undefined
  if (database.metadata.annotations?.[annotation.acceptDataLoss] === known) return undefined
  return stall(
    'DatabaseReplaced',
    `The database on the server is ${found.Id}, but it was ${known}: it was deleted and made anew there. Accept it with the annotation ${annotation.acceptDataLoss}=${known}`,
  )
}

/** True while the server does not serve the database because of the state of its files. */
export function isQuarantined(observed: Observed): boolean {
  return typeof onServer(observed)?.Quarantine === 'string'
}

function quarantined(observed: Observed): Decision | undefined {
  const code = onServer(observed)?.Quarantine
  if (typeof code !== 'string') return undefined
  return stall(
    code,
    `The server does not serve this database: ${code}. Its log says more; other databases are not affected`,
  )
}

function isDisabled(observed: Observed): Decision | undefined {
  const found = onServer(observed)
  if (found?.Disabled !== true) return undefined
  if (observed.database.spec.driftPolicy !== 'Observe') return { kind: 'enable', name: found.Name }
  return {
    kind: 'drifted',
    fields: ['disabled'],
    message:
      'The database was disabled on the server: enable it there, or have that repaired with spec.driftPolicy: Enforce',
  }
}

/**
 * What on the server differs from what is declared, by the fields that are the operator's: `existence` and `identity` of the database
 * that it made, `encrypted`, `disabled`.
 */
export function driftOf(observed: Observed): readonly string[] {
  const { database, server } = observed
  const found = onServer(observed)
  const known = database.status?.databaseId
  if (server === undefined || !isOurs(observed) || known === undefined) return []
  if (found === undefined) return ['existence']
  return [
    ...(found.Id === known ? [] : ['identity']),
    ...(found.Encrypted === (database.spec.encrypted !== false) ? [] : ['encrypted']),
    ...(found.Disabled ? ['disabled'] : []),
  ]
}

function isThere(observed: Observed): Decision | undefined {
  const found = onServer(observed)
  if (found === undefined) return undefined
  const how = found.Encrypted ? 'sealed with a key of its own' : 'not encrypted'
  return { kind: 'ready', databaseId: found.Id, message: `Database "${found.Name}" serves, ${how}` }
}

function needsKey({ database, escrow }: Observed): Decision | undefined {
  return database.spec.encrypted !== false && secretBytes(escrow, keyName) === undefined
    ? { kind: 'make-key' }
    : undefined
}

function needsIntent(observed: Observed): Decision | undefined {
  const storeId = observed.server?.StoreId ?? ''
  return isOurs(observed) ? undefined : { kind: 'intend', storeId }
}

function mustBeCreated(): Decision {
  return { kind: 'create' }
}
