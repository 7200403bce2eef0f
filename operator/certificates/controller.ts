/** The StrongroomCertificate controller: which key an event concerns, and the four steps of one reconcile. */
import { type Attempts, basisOf } from '#operator/access/attempts.ts'
import { withRefusals } from '#operator/access/refusals.ts'
import { isOnlyAboutEnds } from '#operator/access/rights.ts'
import { editName } from '#operator/access/set-rights.ts'
import { mayConcern } from '#operator/access/subjects.ts'
import type { ObserveMeans } from '#operator/admin/ask.ts'
import { type StrongroomCertificate, strongroomCertificates } from '#operator/api/certificate.ts'
import { type StrongroomIssuer, strongroomIssuers } from '#operator/api/issuer.ts'
import { type StrongroomPermission, strongroomPermissions } from '#operator/api/permission.ts'
import { type Strongroom, strongrooms } from '#operator/api/strongroom.ts'
import { wakeWithCertManager } from '#operator/cert-manager/wake.ts'
import type { Follow } from '#operator/kube/followed.ts'
import { fieldManager } from '#operator/kube/labels.ts'
import { type Report, writeStatus } from '#operator/kube/status.ts'
import { wakeWhere, wakeWithItself, wakeWithSecrets } from '#operator/kube/wake.ts'
import { again, done, type Outcome, stalled, waiting } from '#operator/runtime/outcome.ts'
import type { WorkQueue } from '#operator/runtime/queue.ts'
import { act } from './act.ts'
import { issuerOf } from './arrival.ts'
import { claim } from './claim.ts'
import type { Decision } from './decision.types.ts'
import { type Observed, observe } from './observe.ts'
import { decide } from './plan.ts'
import { signerOf } from './signer.ts'
import { statusOf } from './status.ts'

export interface CertificateMeans extends ObserveMeans {
  readonly report: Report
  readonly attempts: Attempts
  /** Secrets of users are watched one by one. */
  readonly follow: Follow
}

/** A certificate wakes with itself, its Secrets, its permissions, its issuer and its cluster. */
export function wakeCertificates({ cache }: ObserveMeans, queue: WorkQueue): void {
  const waking = { cache, queue }
  wakeWithItself(waking, strongroomCertificates)
  wakeWithSecrets(waking, strongroomCertificates)
  wakeWithCertManager<StrongroomCertificate>(
    waking,
    strongroomCertificates,
    (resource) => issuerOf({ resource }) !== undefined,
  )
  cache.onObject<StrongroomPermission>(strongroomPermissions, (permission) =>
    wakeWhere<StrongroomCertificate>(
      waking,
      { kind: strongroomCertificates, namespace: permission.metadata.namespace },
      (certificate) => mayConcern(permission, certificate),
    ),
  )
  cache.onObject<StrongroomIssuer>(strongroomIssuers, ({ metadata: { name, namespace } }) =>
    wakeWhere<StrongroomCertificate>(
      waking,
      { kind: strongroomCertificates, namespace },
      (resource) => signerOf(resource) === name,
    ),
  )
  cache.onObject<Strongroom>(strongrooms, ({ metadata: { name, namespace } }) =>
    wakeWhere<StrongroomCertificate>(
      waking,
      { kind: strongroomCertificates, namespace },
      ({ spec }) => spec.clusterRef.name === name,
    ),
  )
}

export function reconcileCertificate(key: string, means: CertificateMeans): Promise<Outcome> {
  const reconciled = { kind: strongroomCertificates, fieldManager: fieldManager.certificates, key }
  return withRefusals(reconciled, means, () => reconcile(key, means))
}

async function reconcile(key: string, means: CertificateMeans): Promise<Outcome> {
  const observed = await observe(key, means)
  means.follow(key, observed === undefined ? [] : secretsOf(observed))
  if (observed === undefined) return done
  const decision = decide(observed)
  const attempt = { key, act: actName(decision), basis: basisOf(observed.resource) }
  means.attempts.demandAllowed(attempt)
  await claim(means.kube, observed, decision)
  const when = statusWhen[decision.kind] ?? 'first'
  if (when === 'first') await remember(observed, decision, means)
  const deed = await means.attempts.run(attempt, () => act(means.kube, observed, decision))
  if (deed !== undefined) await means.report(observed.resource, deed, 'Normal')
  if (when === 'last') await remember(observed, decision, means)
  return outcomeOf(decision, observed.nowMs)
}

/**
 * First the memory, then the deed: what is about to be superseded is on record before its successor is in use. But what takes rights
 * away waits for no status; and a finalizer is set on the very version that was seen, which a status written before would change.
 */
const statusWhen: Readonly<Partial<Record<Decision['kind'], 'last' | 'never'>>> = {
  ...{ edit: 'last', unregister: 'last', retire: 'last', discard: 'last', withdraw: 'last' },
  ...{ hold: 'never', release: 'never' },
}

/** Rights that were refused keep no others from being tried at once. */
function actName(decision: Decision): string {
  return decision.kind === 'edit' ? editName(decision.thumbprint, decision.rights) : decision.kind
}

function secretsOf({ resource, signingSecret }: Observed): readonly (string | undefined)[] {
  return [resource.spec.keystore?.passwordSecretRef?.name, signingSecret]
}

function remember(
  observed: Observed,
  decision: Decision,
  means: CertificateMeans,
): Promise<unknown> {
  const status = statusOf(observed, decision)
  return writeStatus(means, {
    kind: strongroomCertificates,
    resource: observed.resource,
    status,
    fieldManager: fieldManager.certificates,
  })
}

function outcomeOf(decision: Decision, nowMs: number): Outcome {
  if (decision.kind === 'stalled') return stalled(decision.reason)
  if (decision.kind === 'release' || decision.kind === 'asked') return done
  if (decision.kind === 'wait') return waiting(decision.reason)
  if (decision.kind === 'edit' && isOnlyAboutEnds(decision.fields)) return again(endsMs)
  if (decision.kind !== 'ready') return again(isSeenLater.has(decision.kind) ? soonMs : 0)
  return again(Math.min(Math.max(decision.againAtMs - nowMs, soonMs), longestMs))
}

/** What is done and shows in the cache only after a moment. */
const isSeenLater: ReadonlySet<Decision['kind']> = new Set(['request', 'withdraw'])
const soonMs = 1_000
const endsMs = 10_000
/** A timer of Node holds 24.8 days at most. */
const longestMs = 86_400_000
