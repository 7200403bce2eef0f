/** The Strongroom controller: which key an event concerns, and the four steps of one reconcile. */
import { strongroomDatabases } from '#operator/api/database.ts'
import { type Strongroom, strongrooms } from '#operator/api/strongroom.ts'
import { covers } from '#operator/kube/apply.ts'
import {
  configMaps,
  persistentVolumeClaims,
  pods,
  secrets,
  serviceAccounts,
  services,
  statefulSets,
} from '#operator/kube/kinds.ts'
import type { KubeObject } from '#operator/kube/kube.ts'
import { fieldManager, label } from '#operator/kube/labels.ts'
import { again, done, type Outcome, stalled } from '#operator/runtime/outcome.ts'
import type { WorkQueue } from '#operator/runtime/queue.ts'
import { act, type Deed } from './act.ts'
import { type ObserveMeans, observe } from './observe.ts'
import { type Plan, plan } from './plan.ts'
import { statusOf } from './status.ts'

export interface StrongroomMeans extends ObserveMeans {
  readonly report: (about: Strongroom, deed: Deed, type: 'Normal' | 'Warning') => Promise<void>
}

/** Events that wake a Strongroom: its own, and those of everything that carries its label. */
export function wakeStrongrooms({ cache }: ObserveMeans, queue: WorkQueue): void {
  cache.onObject<Strongroom>(strongrooms, ({ metadata }) =>
    queue.add(`${metadata.namespace}/${metadata.name}`),
  )
  for (const kind of [
    statefulSets,
    services,
    serviceAccounts,
    secrets,
    configMaps,
    persistentVolumeClaims,
    pods,
    strongroomDatabases,
  ]) {
    cache.onObject<KubeObject>(kind, ({ metadata }) => {
      const cluster = metadata.labels?.[label.cluster]
      if (cluster !== undefined) queue.add(`${metadata.namespace}/${cluster}`)
    })
  }
}

export async function reconcileStrongroom(key: string, means: StrongroomMeans): Promise<Outcome> {
  const observed = await observe(key, means)
  if (observed === undefined) return done
  const planned = plan(observed)
  const deeds = await act(means.kube, observed, planned)
  for (const deed of deeds) await means.report(observed.cluster, deed, 'Normal')
  if (observed.cluster.metadata.deletionTimestamp === undefined)
    await writeStatus(observed, planned, means)
  return outcomeOf(planned, observed.nowMs)
}

type Seen = NonNullable<Awaited<ReturnType<typeof observe>>>

/** Only where it differs: a status that is written at every look would wake its own controller for ever. */
async function writeStatus(observed: Seen, planned: Plan, means: StrongroomMeans): Promise<void> {
  const { cluster } = observed
  const status = statusOf(observed, planned)
  if (covers(cluster.status, status)) return
  const { name, namespace = '' } = cluster.metadata
  const object = {
    apiVersion: cluster.apiVersion,
    kind: cluster.kind,
    metadata: { name, namespace },
    status,
  }
  await means.kube.applyStatus(strongrooms, object, fieldManager.strongrooms)
  const { halt } = planned
  const reasonBefore = cluster.status?.conditions?.find(({ type }) => type === 'Stalled')?.reason
  if (halt?.kind === 'stalled' && reasonBefore !== halt.reason)
    await means.report(cluster, { reason: halt.reason, note: halt.message }, 'Warning')
}

/** Steps that were taken show their effect through events; waits without one are looked at again soon. */
function outcomeOf({ halt, againAtMs, steps }: Plan, nowMs: number): Outcome {
  if (halt?.kind === 'stalled') return stalled(halt.reason)
  if (halt?.kind === 'working' || steps.some(({ kind }) => kind === 'nudge')) return again(soonMs)
  return againAtMs === undefined
    ? done
    : again(Math.min(Math.max(againAtMs - nowMs, soonMs), longestMs))
}

const soonMs = 1_000
/** A timer of Node holds 24.8 days at most. */
const longestMs = 86_400_000
