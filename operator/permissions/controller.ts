/** The StrongroomPermission controller: which key an event concerns, and the four steps of one reconcile. */
import { type StrongroomCertificate, strongroomCertificates } from '#operator/api/certificate.ts'
import { type StrongroomPermission, strongroomPermissions } from '#operator/api/permission.ts'
import { type Strongroom, strongrooms } from '#operator/api/strongroom.ts'
import { covers } from '#operator/kube/apply.ts'
import type { Cache } from '#operator/kube/cache.ts'
import { fieldManager } from '#operator/kube/labels.ts'
import { again, done, type Outcome, stalled } from '#operator/runtime/outcome.ts'
import type { WorkQueue } from '#operator/runtime/queue.ts'
import { act, type Deed } from './act.ts'
import { type Observed, type ObserveMeans, observe } from './observe.ts'
import { type Decision, decide } from './plan.ts'
import { statusOf } from './status.ts'
import { isSameSubject } from './subject.ts'

export interface PermissionMeans extends ObserveMeans {
  readonly report: (
    about: StrongroomPermission,
    deed: Deed,
    type: 'Normal' | 'Warning',
  ) => Promise<void>
}

/** A permission wakes with itself, with others about its subject, with its certificate and with its cluster. */
export function wakePermissions({ cache }: ObserveMeans, queue: WorkQueue): void {
  cache.onObject<StrongroomPermission>(strongroomPermissions, (permission) => {
    queue.add(`${permission.metadata.namespace}/${permission.metadata.name}`)
    wake(cache, queue, permission.metadata.namespace, (other) => isSameSubject(other, permission))
  })
  cache.onObject<StrongroomCertificate>(strongroomCertificates, ({ metadata }) =>
    wake(
      cache,
      queue,
      metadata.namespace,
      ({ spec }) => spec.subject.certificateRef?.name === metadata.name,
    ),
  )
  cache.onObject<Strongroom>(strongrooms, ({ metadata }) =>
    wake(cache, queue, metadata.namespace, ({ spec }) => spec.clusterRef.name === metadata.name),
  )
}

function wake(
  cache: Cache,
  queue: WorkQueue,
  namespace: string | undefined,
  concerns: (permission: StrongroomPermission) => boolean,
): void {
  for (const permission of cache.list<StrongroomPermission>(strongroomPermissions, namespace)) {
    if (concerns(permission))
      queue.add(`${permission.metadata.namespace}/${permission.metadata.name}`)
  }
}

export async function reconcilePermission(key: string, means: PermissionMeans): Promise<Outcome> {
  const observed = await observe(key, means)
  if (observed === undefined) return done
  const decision = decide(observed)
  const deed = await act(means.kube, observed, decision)
  if (deed !== undefined) await means.report(observed.resource, deed, 'Normal')
  if (decision.kind !== 'release') await writeStatus(observed, decision, means)
  return outcomeOf(decision, observed.nowMs)
}

async function writeStatus(
  observed: Observed,
  decision: Decision,
  means: PermissionMeans,
): Promise<void> {
  const { resource } = observed
  const status = statusOf(observed, decision)
  if (covers(resource.status, status)) return
  const { name, namespace = '' } = resource.metadata
  const object = {
    apiVersion: resource.apiVersion,
    kind: resource.kind,
    metadata: { name, namespace },
    status,
  }
  await means.kube.applyStatus(strongroomPermissions, object, fieldManager.permissions)
  const before = resource.status?.conditions?.find(({ type }) => type === 'Stalled')?.reason
  if (decision.kind === 'stalled' && before !== decision.reason)
    await means.report(resource, { reason: decision.reason, note: decision.message }, 'Warning')
}

function outcomeOf(decision: Decision, nowMs: number): Outcome {
  if (decision.kind === 'stalled' || decision.kind === 'drifted') return stalled(decision.kind)
  if (decision.kind === 'release') return done
  if (decision.kind !== 'ready') return again(soonMs)
  return decision.againAtMs === undefined
    ? done
    : again(Math.min(Math.max(decision.againAtMs - nowMs, soonMs), longestMs))
}

const soonMs = 1_000
/** A timer of Node holds 24.8 days at most. */
const longestMs = 86_400_000
