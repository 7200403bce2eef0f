/** (observed, decision) → the status to write. Pure. */
import type { StrongroomDatabaseStatus } from '#operator/api/database.ts'
import { names } from '#operator/api/names.ts'
import { conditionsFrom, type Finding, isFalse, isTrue, triad } from '#operator/kube/conditions.ts'
import { secretBytes } from '#operator/kube/secret.ts'
import { fingerprintOf, keyName } from './escrow.ts'
import type { Observed } from './observe.ts'
import { type Decision, driftOf } from './plan.ts'

export function statusOf(observed: Observed, decision: Decision): StrongroomDatabaseStatus {
  const { database, nowMs } = observed
  const generation = database.metadata.generation ?? 0
  const before = database.status ?? {}
  const escrowed = database.spec.encrypted === false ? [] : [escrowFinding(observed)]
  const findings = [...triad(stateOf(decision)), driftFinding(observed, decision), ...escrowed]
  return {
    // On a new store the database is a new one: its id is known once it is made.
    ...kept(decision.kind === 'intend' ? { ...before, databaseId: undefined } : before),
    ...keyOf(observed),
    ...(decision.kind === 'intend' ? { storeId: decision.storeId } : {}),
    ...(decision.kind === 'ready'
      ? { databaseId: decision.databaseId, storeId: observed.server?.StoreId ?? '' }
      : {}),
    observedGeneration: generation,
    conditions: conditionsFrom(findings, before.conditions ?? [], { generation, nowMs }),
  }
}

/** What a later look must never forget. */
type Kept = {
  readonly [K in 'databaseId' | 'storeId' | 'keySecretName' | 'keyFingerprint']?: string | undefined
}

function kept({
  databaseId,
  storeId,
  keySecretName,
  keyFingerprint,
}: Kept): StrongroomDatabaseStatus {
  return Object.fromEntries(
    Object.entries({ databaseId, storeId, keySecretName, keyFingerprint }).filter(
      ([, value]) => value !== undefined,
    ),
  )
}

/** Known from the moment on in which the Secret exists; never forgotten. */
function keyOf({ database, escrow }: Observed): StrongroomDatabaseStatus {
  const key = secretBytes(escrow, keyName)
  if (
    database.spec.encrypted === false ||
    key === undefined ||
    database.status?.keyFingerprint !== undefined
  )
    return {}
  return {
    keySecretName: names.databaseKey(database.metadata.name),
    keyFingerprint: fingerprintOf(key),
  }
}

function driftFinding(observed: Observed, { kind }: Decision): Finding {
  const fields = driftOf(observed)
  if (fields.length === 0 || kind === 'enable')
    return isFalse(
      'DriftDetected',
      'AsDeclared',
      'Nothing on the server was found to differ that is not being repaired',
    )
  return isTrue(
    'DriftDetected',
    'DatabaseDiffers',
    `The database on the server differs in ${fields.join(', ')}; only "disabled" is ever repaired, where spec.driftPolicy is Enforce`,
  )
}

function escrowFinding({ database, escrow }: Observed) {
  const name = database.status?.keySecretName ?? names.databaseKey(database.metadata.name)
  return secretBytes(escrow, keyName) === undefined
    ? isFalse('Escrowed', 'SecretNotFound', `Secret "${name}" does not hold the database's key`)
    : isTrue('Escrowed', 'SecretFound', `Secret "${name}" holds the database's key: back it up`)
}

function stateOf(decision: Decision): Parameters<typeof triad>[0] {
  switch (decision.kind) {
    case 'ready':
      return { kind: 'ready', reason: 'Ready', message: decision.message }
    case 'stalled':
      return decision
    case 'drifted':
      return { kind: 'stalled', reason: 'DriftDetected', message: decision.message }
    case 'enable':
      return { kind: 'working', reason: 'Enabling', message: 'The database is being enabled' }
    case 'wait':
      return { ...decision, kind: 'working' }
    default:
      return { kind: 'working', reason: 'Creating', message: 'The database is being made' }
  }
}
