/** The StrongroomDatabase controller: which key an event concerns, and the four steps of one reconcile. */
import { type StrongroomDatabase, strongroomDatabases } from '#operator/api/database.ts'
import { type Strongroom, strongrooms } from '#operator/api/strongroom.ts'
import { covers } from '#operator/kube/apply.ts'
import { fieldManager } from '#operator/kube/labels.ts'
import { again, done, type Outcome, stalled } from '#operator/runtime/outcome.ts'
import type { WorkQueue } from '#operator/runtime/queue.ts'
import { act, type Deed } from './act.ts'
import { type Observed, type ObserveMeans, observe } from './observe.ts'
import { type Decision, decide } from './plan.ts'
import { statusOf } from './status.ts'

export interface DatabaseMeans extends ObserveMeans {
  readonly report: (
    about: StrongroomDatabase,
    deed: Deed,
    type: 'Normal' | 'Warning',
  ) => Promise<void>
}

/** A database wakes with itself and with its cluster. */
export function wakeDatabases({ cache }: ObserveMeans, queue: WorkQueue): void {
  cache.onObject<StrongroomDatabase>(strongroomDatabases, ({ metadata }) =>
    queue.add(`${metadata.namespace}/${metadata.name}`),
  )
  cache.onObject<Strongroom>(strongrooms, ({ metadata }) => {
    for (const { metadata: own, spec } of cache.list<StrongroomDatabase>(
      strongroomDatabases,
      metadata.namespace,
    )) {
      if (spec.clusterRef.name === metadata.name) queue.add(`${own.namespace}/${own.name}`)
    }
  })
}

export async function reconcileDatabase(key: string, means: DatabaseMeans): Promise<Outcome> {
  const observed = await observe(key, means)
  if (observed === undefined) return done
  const decision = decide(observed)
  const deed = await act(means.kube, observed, decision)
  if (deed !== undefined) await means.report(observed.database, deed, 'Normal')
  if (decision.kind !== 'release') await writeStatus(observed, decision, means)
  return outcomeOf(decision)
}

async function writeStatus(
  observed: Observed,
  decision: Decision,
  means: DatabaseMeans,
): Promise<void> {
  const { database } = observed
  const status = statusOf(observed, decision)
  if (covers(database.status, status)) return
  const { name, namespace = '' } = database.metadata
  const object = {
    apiVersion: database.apiVersion,
    kind: database.kind,
    metadata: { name, namespace },
    status,
  }
  await means.kube.applyStatus(strongroomDatabases, object, fieldManager.databases)
  const before = database.status?.conditions?.find(({ type }) => type === 'Stalled')?.reason
  if (decision.kind === 'stalled' && before !== decision.reason)
    await means.report(database, { reason: decision.reason, note: decision.message }, 'Warning')
}

function outcomeOf(decision: Decision): Outcome {
  if (decision.kind === 'stalled') return stalled(decision.reason)
  return decision.kind === 'ready' || decision.kind === 'release' ? done : again(soonMs)
}

const soonMs = 1_000
