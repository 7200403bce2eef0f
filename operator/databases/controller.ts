/** The StrongroomDatabase controller: which key an event concerns, and the four steps of one reconcile. */
import { type Attempts, basisOf } from '#operator/access/attempts.ts'
import { withRefusals } from '#operator/access/refusals.ts'
import type { ObserveMeans } from '#operator/admin/ask.ts'
import { type StrongroomDatabase, strongroomDatabases } from '#operator/api/database.ts'
import { type Strongroom, strongrooms } from '#operator/api/strongroom.ts'
import { fieldManager } from '#operator/kube/labels.ts'
import { type Report, writeStatus } from '#operator/kube/status.ts'
import { wakeWhere, wakeWithItself, wakeWithSecrets } from '#operator/kube/wake.ts'
import { quarantineLookMs } from '#operator/limits.ts'
import { again, done, type Outcome, stalled, waiting } from '#operator/runtime/outcome.ts'
import type { WorkQueue } from '#operator/runtime/queue.ts'
import { act } from './act.ts'
import { type Observed, observe } from './observe.ts'
import { type Decision, decide, isQuarantined } from './plan.ts'
import { statusOf } from './status.ts'

export interface DatabaseMeans extends ObserveMeans {
  readonly report: Report
  readonly attempts: Attempts
}

/** A database wakes with itself, with the Secret of its key and with its cluster. */
export function wakeDatabases({ cache }: ObserveMeans, queue: WorkQueue): void {
  const waking = { cache, queue }
  wakeWithItself(waking, strongroomDatabases)
  wakeWithSecrets(waking, strongroomDatabases)
  cache.onObject<Strongroom>(strongrooms, ({ metadata: { name, namespace } }) =>
    wakeWhere<StrongroomDatabase>(
      waking,
      { kind: strongroomDatabases, namespace },
      ({ spec }) => spec.clusterRef.name === name,
    ),
  )
}

export function reconcileDatabase(key: string, means: DatabaseMeans): Promise<Outcome> {
  const reconciled = { kind: strongroomDatabases, fieldManager: fieldManager.databases, key }
  return withRefusals(reconciled, means, () => reconcile(key, means))
}

async function reconcile(key: string, means: DatabaseMeans): Promise<Outcome> {
  const observed = await observe(key, means)
  if (observed === undefined) return done
  const decision = decide(observed)
  const attempt = { key, act: decision.kind, basis: basisOf(observed.database) }
  const deed = await means.attempts.run(attempt, () => act(means.kube, observed, decision))
  if (deed !== undefined) await means.report(observed.database, deed, 'Normal')
  if (decision.kind !== 'release') await remember(observed, decision, means)
  return outcomeOf(decision, observed)
}

function remember(observed: Observed, decision: Decision, means: DatabaseMeans): Promise<unknown> {
  const status = statusOf(observed, decision)
  return writeStatus(means, {
    kind: strongroomDatabases,
    resource: observed.database,
    status,
    fieldManager: fieldManager.databases,
  })
}

/** What an administrator accepts on the server itself causes no event here. */
export function outcomeOf(decision: Decision, observed: Observed): Outcome {
  if (decision.kind === 'stalled')
    return isQuarantined(observed)
      ? stalled(decision.reason, quarantineLookMs)
      : stalled(decision.reason)
  if (decision.kind === 'wait') return waiting(decision.reason)
  if (decision.kind === 'drifted') return stalled('DriftDetected')
  return decision.kind === 'ready' || decision.kind === 'release' ? done : again(soonMs)
}

const soonMs = 1_000
