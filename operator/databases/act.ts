/** Carries a decision out. Decides nothing; each may be repeated. */
import { strongroomDatabases } from '#operator/api/database.ts'
import { setFinalizer } from '#operator/kube/finalizers.ts'
import { secrets } from '#operator/kube/kinds.ts'
import type { Kube } from '#operator/kube/kube.ts'
import { createOwn } from '#operator/kube/owned-writes.ts'
import { secretBytes } from '#operator/kube/secret.ts'
import type { Deed } from '#operator/kube/status.ts'
import { keyName, newEscrow } from './escrow.ts'
import { type Observed, serverName } from './observe.ts'
import type { Decision } from './plan.ts'

export async function act(
  kube: Kube,
  observed: Observed,
  decision: Decision,
): Promise<Deed | undefined> {
  switch (decision.kind) {
    case 'make-key':
      return makeKey(kube, observed)
    case 'create':
      return create(observed)
    case 'enable':
      await observed.admin?.enableDatabase(decision.name)
      return {
        reason: 'DriftCorrected',
        note: `Enabled database "${decision.name}", which had been disabled on the server: spec.driftPolicy is Enforce`,
      }
    case 'drop':
      await observed.admin?.deleteDatabase(decision.name)
      return {
        reason: 'DatabaseDeleted',
        note: `Deleted database "${decision.name}" on the server, as spec.reclaimPolicy says; its key stays in its Secret`,
      }
    case 'hold':
    case 'release':
      await setFinalizer(kube, strongroomDatabases, {
        resource: observed.database,
        wanted: decision.kind === 'hold',
      })
      return undefined
    case 'intend':
    case 'drifted':
    case 'wait':
    case 'stalled':
    case 'ready':
      return undefined
    default:
      return decision satisfies never
  }
}

async function makeKey(kube: Kube, { database }: Observed): Promise<Deed | undefined> {
  const escrow = newEscrow(database)
  if ((await createOwn({ kube, owner: database }, secrets, escrow)) === undefined) return undefined
  return {
    reason: 'KeyMade',
    note: `Made the database's key in Secret "${escrow.metadata.name}": back it up`,
  }
}

async function create({ admin, database, escrow }: Observed): Promise<Deed> {
  const name = serverName(database)
  const key = secretBytes(escrow, keyName)
  const isEncrypted = database.spec.encrypted !== false
  await admin?.createDatabase({ name, ...(isEncrypted && key !== undefined ? { key } : {}) })
  key?.fill(0)
  return { reason: 'DatabaseCreated', note: `Created database "${name}" on the server` }
}
