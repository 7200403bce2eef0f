/** Composition root of the operator: builds each part once and passes it on. */

import { lookForAnswer } from '#shared/acme/http01-look.ts'
import { httpsAcme } from '#shared/acme/https-acme.ts'
import { OrderedNames } from '#shared/acme/ordered-names.ts'
import type { Clock } from '#shared/clock.ts'
import { type Egress, egressBy } from '#shared/egress.ts'
import type { Timers } from '#shared/timers.ts'
import { Attempts } from './access/attempts.ts'
import { httpsAdmin } from './admin/https-admin.ts'
import { customKinds } from './api/kinds.ts'
import type { Strongroom } from './api/strongroom.ts'
import { reconcileCertificate, wakeCertificates } from './certificates/controller.ts'
import { keyAuthorizationFor } from './challenges/key-authorization.ts'
import { replicaAddresses } from './challenges/replicas.ts'
import type { OperatorConfig } from './config.ts'
import { reconcileDatabase, wakeDatabases } from './databases/controller.ts'
import type { Connect } from './issuers/ask.ts'
import { reconcileIssuer, wakeIssuers } from './issuers/controller.ts'
import { Cache } from './kube/cache.ts'
import { childKinds, optionalKinds } from './kube/child-kinds.ts'
import { recordEvent } from './kube/event.ts'
import { type Follow, following } from './kube/followed.ts'
import { HttpsKube } from './kube/https-kube.ts'
import { pods } from './kube/kinds.ts'
import type { Kube } from './kube/kube.ts'
import { leaseStore } from './kube/lease.ts'
import type { Report } from './kube/status.ts'
import {
  backoff,
  leaseRetryMs,
  leaseSeconds,
  renewDeadlineMs,
  resyncMs,
  waitBackoff,
  watchIdleMs,
  workers,
} from './limits.ts'
import { metricsOf, type OperatorMetrics } from './metrics.ts'
import { reconcilePermission, wakePermissions } from './permissions/controller.ts'
import { certificateReadings } from './readings.ts'
import { type Logger, type RunParts, runOperator } from './run.ts'
import type { Controller } from './runtime/controller.ts'
import type { LeaderMeans } from './runtime/leader.ts'
import type { Outcome } from './runtime/outcome.ts'
import { WorkQueue } from './runtime/queue.ts'
import type { ReflectorMeans } from './runtime/reflector.ts'
import { reconcileStrongroom, wakeStrongrooms } from './strongrooms/controller.ts'
import { servedCertificate } from './strongrooms/dial.ts'
import { IssuerFinder } from './strongrooms/orders/find-issuer.ts'
import { OwnWrites } from './strongrooms/own-writes.ts'
import { Verdicts } from './strongrooms/verdicts.ts'

/** What varies with the place where the process runs. */
export interface Means {
  readonly clock: Clock
  readonly timers: Timers
  readonly random: () => number
  readonly logger: Logger
}

export interface Operator {
  /** Resolves when the signal ended and every worker has put down its key, or at once when leadership was lost. */
  run(signal: AbortSignal): Promise<'stopped' | 'lost'>
}

/** Everything of ours carries this label: Secrets of others are not watched. */
const ours = 'app.kubernetes.io/managed-by=strongroom-operator'

export function createOperator(config: OperatorConfig, means: Means): Operator {
  const { clock, timers, random, logger } = means
  const metrics = metricsOf(clock)
  const kube = new HttpsKube(config.access, { count: metrics.apiCall })
  const failed = failuresTo(logger)
  const reflecting = { timers, random, backoff, idleMs: watchIdleMs, resyncMs, failed }
  const { watchNamespaces: namespaces, policy, secretOptIn } = config
  const cache = new Cache(kube, { watched, namespaces, heard: metrics.heard }, reflecting)
  metrics.watchCertificates(() => certificateReadings(cache))
  const place = { kube, config, means, failed, egress: egressOf(config, logger) }
  const report = reporter(place)
  const issuers = issuerFinder(place, cache, metrics)
  const common = () => ({
    ...{ kube, cache, clock, connect: httpsAdmin, report, secretOptIn },
    attempts: new Attempts({ clock, random }),
  })
  const strongroom = {
    ...common(),
    dialing: { admin: httpsAdmin, served: servedCertificate },
    ...{ operatorImage: config.image, allowedImages: policy.allowedImages },
    verdicts: new Verdicts(),
    ...ordering(issuers, random, metrics),
  }
  const issuer = { ...common(), connectCa: caConnection(place, metrics), random }
  const [database, certificate, permission] = [common(), common(), common()]
  const controllers = [
    {
      name: 'strongrooms',
      wake: (queue: WorkQueue) => wakeStrongrooms(strongroom, queue),
      reconcile: (key: string, follow: Follow) =>
        reconcileStrongroom(key, { ...strongroom, follow }),
    },
    {
      name: 'databases',
      wake: (queue: WorkQueue) => wakeDatabases(database, queue),
      reconcile: (key: string) => reconcileDatabase(key, database),
    },
    {
      name: 'certificates',
      wake: (queue: WorkQueue) => wakeCertificates(certificate, queue),
      reconcile: (key: string, follow: Follow) =>
        reconcileCertificate(key, { ...certificate, follow }),
    },
    {
      name: 'permissions',
      wake: (queue: WorkQueue) => wakePermissions(permission, queue),
      reconcile: (key: string, follow: Follow) =>
        reconcilePermission(key, { ...permission, follow }),
    },
    {
      name: 'issuers',
      wake: (queue: WorkQueue) => wakeIssuers(issuer, queue),
      reconcile: (key: string, follow: Follow) => reconcileIssuer(key, { ...issuer, follow }),
    },
  ].map((kind) => controllerOf(kind, { means, metrics, kube, reflecting }))
  const parts = {
    ...{ cache, controllers, metrics, timers, logger },
    leader: config.leaderElection ? leadership(place) : undefined,
    probePort: config.probePort,
    challenges: challengesOf(config, cache),
  }
  return {
    run: (signal) => runOperator(parts, signal).finally(() => closeAll([issuers, kube])),
  }
}

function failuresTo(logger: Logger): (error: unknown) => void {
  return (error) =>
    logger.warn({ error: String(error) }, 'The API server could not be asked; trying again')
}

function ordering(issuers: IssuerFinder, random: () => number, { issuance }: OperatorMetrics) {
  const findIssuer = (cluster: Strongroom, name: string) => issuers.find(cluster, name)
  const memories = { orderedNames: new OrderedNames(), ownWrites: new OwnWrites() }
  return { random, ...memories, findIssuer, issuance }
}

/** Speaks to CAs, and counts what is said. */
function caConnection(
  { means: { clock }, egress }: Pick<Place, 'means' | 'egress'>,
  { acmeRequest: count }: OperatorMetrics,
): Connect {
  return (access) => httpsAcme({ ...access, egress, now: clock.now, count })
}

function closeAll(open: readonly { close(): void }[]): void {
  for (const one of open) one.close()
}

function challengesOf(
  { challengePort: port }: OperatorConfig,
  cache: Cache,
): RunParts['challenges'] {
  return { port, answers: (asked) => keyAuthorizationFor(cache, asked) }
}

/** Opens the accounts of issuers for orders. */
function issuerFinder(
  { kube, config, means, egress }: Omit<Place, 'failed'>,
  cache: Cache,
  metrics: OperatorMetrics,
): IssuerFinder {
  const { secretOptIn, policy } = config
  return new IssuerFinder({
    ...{ kube, cache, clock: means.clock, admin: httpsAdmin, egress, secretOptIn },
    look: (challenge, signal) => lookForAnswer(challenge, signal, { egress }),
    ingressPolicy: policy.ingress,
    challengePort: config.challengePort,
    connectAcme: caConnection({ means, egress }, metrics),
    addresses: () =>
      replicaAddresses(kube, {
        namespace: config.namespace,
        instance: config.instance,
        given: config.challengeAddress,
      }),
  })
}

const watched = [
  ...customKinds.map((kind) => ({ kind })),
  ...childKinds.map((kind) => ({
    kind,
    labelSelector: ours,
    without: kind === pods ? ['spec'] : [],
  })),
  ...optionalKinds.map((kind) => ({ kind, labelSelector: ours, isOptional: true })),
]

interface Place {
  readonly kube: HttpsKube
  readonly config: OperatorConfig
  readonly means: Means
  readonly failed: (error: unknown) => void
  readonly egress: Egress
}

/** Why an address that a resource names could not be reached is for the log: its status would show what listens where. */
function egressOf({ egress }: OperatorConfig, logger: Logger): Egress {
  const note = (where: string, reason: string): void =>
    logger.info({ where, reason }, 'An address that a resource names did not answer as it should')
  return egressBy({ ...egress, note })
}

/** The lease by which one of the replicas leads. */
function leadership({ kube, config, means: { clock, timers }, failed }: Place): LeaderMeans {
  const { identity, namespace, instance } = config
  return {
    identity,
    leases: leaseStore(kube, { name: instance, namespace }, leaseSeconds),
    clock,
    timers,
    leaseMs: leaseSeconds * 1000,
    renewDeadlineMs,
    retryMs: leaseRetryMs,
    failed,
  }
}

/** A line in the log and an event on the resource. */
function reporter({ kube, config, means, failed }: Place): Report {
  return async (about, { reason, note }, type) => {
    const { name, namespace } = about.metadata
    means.logger.info({ kind: about.kind, name, namespace, reason }, note)
    const by = { controller: 'operator', instance: config.identity, nowMs: means.clock.now() }
    await recordEvent(kube, { about, type, reason, action: reason, note }, by).catch(failed)
  }
}

interface Reconciling {
  readonly name: string
  readonly wake: (queue: WorkQueue) => void
  readonly reconcile: (key: string, follow: Follow) => Promise<Outcome>
}

interface Running {
  readonly means: Means
  readonly metrics: OperatorMetrics
  readonly kube: Kube
  readonly reflecting: ReflectorMeans
}

function controllerOf(
  { name, wake, reconcile }: Reconciling,
  { means, metrics, kube, reflecting }: Running,
): Controller {
  const queue = new WorkQueue({ timers: means.timers, now: means.clock.now })
  wake(queue)
  metrics.watchQueue(name, () => queue.depth)
  const observe = (key: string, outcome: Outcome, milliseconds: number): void => {
    metrics.reconciled(name, outcome, milliseconds)
    if (outcome.kind === 'retry')
      means.logger.warn(
        { controller: name, key, error: String(outcome.error) },
        'A reconcile failed; trying again',
      )
  }
  const followed = following({ ...reflecting, kube, wake: (key) => queue.add(key) })
  return {
    name,
    queue,
    reconcile: (key) => reconcile(key, followed.follow),
    stop: () => {
      queue.close()
      followed.close()
    },
    workers,
    backoff,
    waitBackoff,
    random: means.random,
    clock: means.clock,
    observe,
  }
}
