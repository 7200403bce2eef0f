/** The Strongroom controller: which key an event concerns, and the four steps of one reconcile. */

import type { ActFailed, Attempts } from '#operator/access/attempts.ts'
import { outcomeOf as outcomeOfFailure, stateOf, withRefusals } from '#operator/access/refusals.ts'
import { certManagerIssuer } from '#operator/api/common.ts'
import { strongroomDatabases } from '#operator/api/database.ts'
import { type StrongroomIssuer, strongroomIssuers } from '#operator/api/issuer.ts'
import { ownIssuer } from '#operator/api/own-issuer.ts'
import { type Strongroom, strongrooms } from '#operator/api/strongroom.ts'
import { wakeWithCertManager } from '#operator/cert-manager/wake.ts'
import { childKinds } from '#operator/kube/child-kinds.ts'
import { isFalse } from '#operator/kube/conditions.ts'
import type { Follow } from '#operator/kube/followed.ts'
import { refOfKey } from '#operator/kube/key.ts'
import type { KubeObject } from '#operator/kube/kube.ts'
import { fieldManager, label } from '#operator/kube/labels.ts'
import type { Report } from '#operator/kube/status.ts'
import { wakeWhere, wakeWithItself } from '#operator/kube/wake.ts'
import { again, done, type Outcome, stalled, waiting } from '#operator/runtime/outcome.ts'
import type { WorkQueue } from '#operator/runtime/queue.ts'
import { act } from './act.ts'
import { type Observed, type ObserveMeans, observe } from './observe.ts'
import { awaitedMs } from './orders/awaited.ts'
import { awaitsMembers } from './orders/awaits-members.ts'
import { publicCertificateReady } from './orders/condition.ts'
import { abandonedIssuer, letGo } from './orders/let-go.ts'
import { orderPass } from './orders/pass.ts'
import type { OrderMeans, Passed } from './orders/scene.ts'
import { type Plan, plan } from './plan.ts'
import { notServedYet } from './stages/members.ts'
import { StatusWriter, withPassed } from './writer.ts'

export interface StrongroomMeans extends ObserveMeans, Omit<OrderMeans, 'cache'> {
  readonly report: Report
  readonly attempts: Attempts
  /** Secrets of users are watched one by one. */
  readonly follow: Follow
}

/** Events that wake a Strongroom: its own, and those of everything that carries its label. */
export function wakeStrongrooms({ cache }: ObserveMeans, queue: WorkQueue): void {
  wakeWithItself({ cache, queue }, strongrooms)
  wakeWithCertManager<Strongroom>(
    { cache, queue },
    strongrooms,
    ({ spec }) => certManagerIssuer(spec.tls?.server.issuerRef) !== undefined,
  )
  cache.onObject<StrongroomIssuer>(strongroomIssuers, ({ metadata: { name, namespace } }) =>
    wakeWhere<Strongroom>(
      { cache, queue },
      { kind: strongrooms, namespace },
      (cluster) => ownIssuer(cluster)?.name === name,
    ),
  )
  for (const kind of [...childKinds, strongroomDatabases]) {
    cache.onObject<KubeObject>(kind, ({ metadata }) => {
      const cluster = metadata.labels?.[label.cluster]
      if (cluster !== undefined) queue.add(`${metadata.namespace}/${cluster}`)
    })
  }
}

export function reconcileStrongroom(key: string, means: StrongroomMeans): Promise<Outcome> {
  const reconciled = { kind: strongrooms, fieldManager: fieldManager.strongrooms, key }
  return withRefusals(reconciled, means, () => reconcile(key, means))
}

async function reconcile(key: string, means: StrongroomMeans): Promise<Outcome> {
  const waitMs = waitOf(key, means)
  if (waitMs !== undefined) return again(waitMs)
  const observed = await observe(key, means)
  means.follow(key, observed === undefined ? [] : secretsOf(observed))
  if (observed === undefined || isLetGo(observed)) means.orderedNames.release(key)
  if (observed === undefined) {
    means.ownWrites.forget(key)
    return done
  }
  const planned = plan(observed)
  const failed = await carryOut(planned, observed, means)
  if (observed.cluster.metadata.deletionTimestamp === undefined)
    return writeDown(observed, { planned, failed }, means)
  if (failed !== undefined) throw failed
  return outcomeOf(planned, observed.nowMs)
}

interface CarriedOut {
  readonly planned: Plan
  /** What of it came to nothing. */
  readonly failed: ActFailed | undefined
}

/** Goes on with the certificate that an issuer of ours gives, and writes everything into status. */
async function writeDown(
  observed: Observed,
  { planned, failed }: CarriedOut,
  means: StrongroomMeans,
): Promise<Outcome> {
  const whole = asFarAs(planned, failed)
  const writer = new StatusWriter(observed, whole, means)
  const orderBy = ordersOn(failed) ? planned : whole
  const passed = await certificatePass(observed, orderBy, { means, writer })
  await writer.write(passed)
  const nowMs = means.clock.now()
  if (failed !== undefined) return outcomeOfFailure(failed, failed.failure, nowMs)
  const { name } = observed.cluster.metadata
  return outcomeOf(passed === undefined ? whole : withPassed(whole, passed, name), nowMs)
}

function waitOf(key: string, means: StrongroomMeans): number | undefined {
  const cluster = means.cache.get<Strongroom>(strongrooms, refOfKey(key))
  return cluster && awaitedMs(cluster, means)
}

/** Nothing is ordered for it any more. */
function isLetGo({ cluster }: Observed): boolean {
  const { spec, metadata } = cluster
  return (
    metadata.deletionTimestamp !== undefined ||
    spec.suspend === true ||
    ownIssuer(cluster) === undefined
  )
}

async function certificatePass(
  observed: Observed,
  { halt }: Plan,
  { means, writer }: { readonly means: StrongroomMeans; readonly writer: StatusWriter },
): Promise<Passed | undefined> {
  const abandoned = abandonedIssuer(observed.cluster)
  if (abandoned !== undefined) {
    await letGo(observed.cluster, abandoned, means)
    return afterLetGo(observed, abandoned)
  }
  const isStuck = halt?.kind === 'stalled' && halt.isOfMembers !== true
  if (isStuck || ownIssuer(observed.cluster) === undefined) return undefined
  if (halt !== undefined && awaitsMembers(observed.cluster, means.cache)) {
    const message = `A certificate is ordered once the members are ready: ${halt.message}`
    const finding = isFalse(publicCertificateReady, 'AwaitingMembers', message)
    return { finding, order: undefined, certificate: undefined }
  }
  return orderPass(observed, means, (passed) => writer.write(passed))
}

/** What is ordered instead begins with the next look, from a status without the order. */
function afterLetGo({ cluster, nowMs }: Observed, issuer: string): Passed | undefined {
  if (ownIssuer(cluster) === undefined) return undefined
  const message = `The order at StrongroomIssuer ${issuer} was let go: another one is declared`
  const finding = isFalse(publicCertificateReady, 'Ordering', message)
  const certificate = cluster.status?.publicCertificate
  return { finding, order: undefined, certificate, againAtMs: nowMs }
}

/** What of the plan came to nothing, and why. */
async function carryOut(
  planned: Plan,
  observed: Observed,
  means: StrongroomMeans,
): Promise<ActFailed | undefined> {
  const { deeds, failed } = await act(means, observed, planned)
  for (const deed of deeds) await means.report(observed.cluster, deed, 'Normal')
  return failed
}

/** Nobody is told that all is well where a step came to nothing. */
function asFarAs(planned: Plan, failed: ActFailed | undefined): Plan {
  if (failed === undefined || planned.halt?.kind === 'stalled') return planned
  return { ...planned, halt: stateOf(failed.failure) }
}

/** A certificate is ordered on where something else was refused; not while somebody else's object bears one of our names. */
function ordersOn(failed: ActFailed | undefined): boolean {
  return failed?.failure.reason !== 'NameTaken'
}

function secretsOf({ cluster }: Observed): readonly (string | undefined)[] {
  return [
    cluster.spec.tls?.server.secretRef?.name,
    cluster.spec.encryption?.masterKey?.secretRef.name,
  ]
}

/** Steps that were taken show their effect through events; waits without one are looked at again soon. */
function outcomeOf({ halt, againAtMs, steps, findings }: Plan, nowMs: number): Outcome {
  if (halt?.kind === 'stalled') return stalled(halt.reason)
  const isServedLater = findings.some(({ reason }) => reason === notServedYet)
  if (steps.some(({ kind }) => kind === 'nudge')) return again(soonMs)
  if (halt?.kind === 'working' && halt.isTold !== true) return waiting(halt.reason, quickLooks)
  if (isServedLater) return waiting(notServedYet, quickLooks)
  return againAtMs === undefined
    ? done
    : again(Math.min(Math.max(againAtMs - nowMs, soonMs), longestMs))
}

const soonMs = 1_000
/** What members do, and what kubelet puts in front of them, causes no event. */
const quickLooks = 20
/** A timer of Node holds 24.8 days at most. */
const longestMs = 86_400_000
