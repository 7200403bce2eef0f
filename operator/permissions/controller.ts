/** The StrongroomPermission controller: which key an event concerns, and the four steps of one reconcile. */
import { type Attempts, basisOf } from '#operator/access/attempts.ts'
import { withRefusals } from '#operator/access/refusals.ts'
import { isOnlyAboutEnds } from '#operator/access/rights.ts'
import { editName } from '#operator/access/set-rights.ts'
import { mayConcern, mayShareRecord } from '#operator/access/subjects.ts'
import type { ObserveMeans } from '#operator/admin/ask.ts'
import { type StrongroomCertificate, strongroomCertificates } from '#operator/api/certificate.ts'
import { type StrongroomPermission, strongroomPermissions } from '#operator/api/permission.ts'
import { type Strongroom, strongrooms } from '#operator/api/strongroom.ts'
import type { Follow } from '#operator/kube/followed.ts'
import { fieldManager } from '#operator/kube/labels.ts'
import { type Report, writeStatus } from '#operator/kube/status.ts'
import { wakeWhere, wakeWithItself } from '#operator/kube/wake.ts'
import { again, done, type Outcome, stalled, waiting } from '#operator/runtime/outcome.ts'
import type { WorkQueue } from '#operator/runtime/queue.ts'
import { act } from './act.ts'
import { claim } from './claim.ts'
import { type Observed, observe } from './observe.ts'
import { type Decision, decide } from './plan.ts'
import { statusOf } from './status.ts'

export interface PermissionMeans extends ObserveMeans {
  readonly report: Report
  readonly attempts: Attempts
  /** Secrets of users are watched one by one. */
  readonly follow: Follow
}

/** A permission wakes with itself, with others about its subject, with its certificate and with its cluster. */
export function wakePermissions({ cache }: ObserveMeans, queue: WorkQueue): void {
  const waking = { cache, queue }
  const wake = (
    namespace: string | undefined,
    concerns: (permission: StrongroomPermission) => boolean,
  ): void => wakeWhere(waking, { kind: strongroomPermissions, namespace }, concerns)
  wakeWithItself(waking, strongroomPermissions)
  cache.onObject<StrongroomPermission>(strongroomPermissions, (permission) =>
    wake(permission.metadata.namespace, (other) => mayShareRecord(other, permission)),
  )
  cache.onObject<StrongroomCertificate>(strongroomCertificates, (certificate) =>
    wake(certificate.metadata.namespace, (permission) => mayConcern(permission, certificate)),
  )
  cache.onObject<Strongroom>(strongrooms, ({ metadata: { name, namespace } }) =>
    wake(namespace, ({ spec }) => spec.clusterRef.name === name),
  )
}

export function reconcilePermission(key: string, means: PermissionMeans): Promise<Outcome> {
  const reconciled = { kind: strongroomPermissions, fieldManager: fieldManager.permissions, key }
  return withRefusals(reconciled, means, () => reconcile(key, means))
}

async function reconcile(key: string, means: PermissionMeans): Promise<Outcome> {
  const observed = await observe(key, means)
  means.follow(key, observed === undefined ? [] : secretsOf(observed))
  if (observed === undefined) return done
  const decision = decide(observed)
  const attempt = { key, act: actName(decision), basis: basisOf(observed.resource) }
  means.attempts.demandAllowed(attempt)
  // First the memory, then the rights, then the status: what takes rights away waits for no write of it.
  await claim(means.kube, observed, decision)
  if (decision.kind === 'register') await remember(observed, decision, means)
  const deed = await means.attempts.run(attempt, () => act(means.kube, observed, decision))
  if (deed !== undefined) await means.report(observed.resource, deed, 'Normal')
  // A finalizer is set on the very version that was seen, which a status written before would change.
  if (!isWritten.has(decision.kind)) await remember(observed, decision, means)
  return outcomeOf(decision, observed.nowMs)
}

/** Rights that were refused keep no others from being tried at once. */
function actName(decision: Decision): string {
  return decision.kind === 'edit'
    ? editName(decision.record.thumbprint, decision.rights)
    : decision.kind
}

function secretsOf({ resource }: Observed): readonly (string | undefined)[] {
  return [resource.spec.subject.secretRef?.name]
}

function remember(
  observed: Observed,
  decision: Decision,
  means: PermissionMeans,
): Promise<unknown> {
  const status = statusOf(observed, decision)
  return writeStatus(means, {
    kind: strongroomPermissions,
    resource: observed.resource,
    status,
    fieldManager: fieldManager.permissions,
  })
}

function outcomeOf(decision: Decision, nowMs: number): Outcome {
  if (decision.kind === 'stalled' || decision.kind === 'drifted') return stalled(decision.kind)
  if (decision.kind === 'release') return done
  if (decision.kind === 'wait') return waiting(decision.reason)
  if (decision.kind === 'edit' && isOnlyAboutEnds(decision.fields)) return again(endsMs)
  if (decision.kind !== 'ready') return again(soonMs)
  return decision.againAtMs === undefined
    ? done
    : again(Math.min(Math.max(decision.againAtMs - nowMs, soonMs), longestMs))
}

const isWritten: ReadonlySet<Decision['kind']> = new Set(['hold', 'release', 'register'])
const soonMs = 1_000
const endsMs = 10_000
/** A timer of Node holds 24.8 days at most. */
const longestMs = 86_400_000
