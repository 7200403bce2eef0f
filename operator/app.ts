/** Composition root of the operator: builds each part once and passes it on. */

import type { Clock } from '#shared/clock.ts'
import type { Timers } from '#shared/timers.ts'
import { httpsAdmin } from './admin/https-admin.ts'
import { customKinds } from './api/kinds.ts'
import { reconcileCertificate, wakeCertificates } from './certificates/controller.ts'
import type { OperatorConfig } from './config.ts'
import { reconcileDatabase, wakeDatabases } from './databases/controller.ts'
import { Cache } from './kube/cache.ts'
import { recordEvent } from './kube/event.ts'
import { HttpsKube } from './kube/https-kube.ts'
import {
  configMaps,
  persistentVolumeClaims,
  pods,
  secrets,
  serviceAccounts,
  services,
  statefulSets,
} from './kube/kinds.ts'
import { leaseStore } from './kube/lease.ts'
import type { Report } from './kube/status.ts'
import {
  backoff,
  leaseRetryMs,
  leaseSeconds,
  renewDeadlineMs,
  resyncMs,
  watchIdleMs,
  workers,
} from './limits.ts'
import { metricsOf, type OperatorMetrics } from './metrics.ts'
import { reconcilePermission, wakePermissions } from './permissions/controller.ts'
import { probeServer } from './probes.ts'
import { type Controller, runController } from './runtime/controller.ts'
import { type LeaderMeans, lead, release } from './runtime/leader.ts'
import type { Outcome } from './runtime/outcome.ts'
import { WorkQueue } from './runtime/queue.ts'
import { reconcileStrongroom, wakeStrongrooms } from './strongrooms/controller.ts'
import { servedCertificate } from './strongrooms/dial.ts'

/** What varies with the place where the process runs. */
export interface Means {
  readonly clock: Clock
  readonly timers: Timers
  readonly random: () => number
  readonly logger: Logger
}

export interface Logger {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

export interface Operator {
  /** Resolves when the signal ended or leadership was lost, and every worker has put down its key. */
  run(signal: AbortSignal): Promise<'stopped' | 'lost'>
}

/** Everything of ours carries this label: Secrets of others are not watched. */
const ours = 'app.kubernetes.io/managed-by=strongroom-operator'

export function createOperator(config: OperatorConfig, means: Means): Operator {
  const { clock, timers, random, logger } = means
  const metrics = metricsOf()
  const kube = new HttpsKube(config.access, { count: metrics.apiCall })
  const failed = (error: unknown): void =>
    logger.warn({ error: String(error) }, 'The API server could not be asked; trying again')
  const reflecting = { timers, random, backoff, idleMs: watchIdleMs, resyncMs, failed }
  const cache = new Cache(kube, { watched, namespaces: config.watchNamespaces }, reflecting)
  const report = reporter({ kube, config, means, failed })
  const common = { kube, cache, clock, connect: httpsAdmin, report }
  const strongroom = {
    ...common,
    dialing: { admin: httpsAdmin, served: servedCertificate },
    operatorImage: config.image,
  }
  const controllers = [
    {
      name: 'strongrooms',
      wake: (queue: WorkQueue) => wakeStrongrooms(strongroom, queue),
      reconcile: (key: string) => reconcileStrongroom(key, strongroom),
    },
    {
      name: 'databases',
      wake: (queue: WorkQueue) => wakeDatabases(common, queue),
      reconcile: (key: string) => reconcileDatabase(key, common),
    },
    {
      name: 'certificates',
      wake: (queue: WorkQueue) => wakeCertificates(common, queue),
      reconcile: (key: string) => reconcileCertificate(key, common),
    },
    {
      name: 'permissions',
      wake: (queue: WorkQueue) => wakePermissions(common, queue),
      reconcile: (key: string) => reconcilePermission(key, common),
    },
  ].map((kind) => controllerOf(kind, { means, metrics }))
  const leader: LeaderMeans = {
    identity: config.identity,
    leases: leaseStore(
      kube,
      { name: 'strongroom-operator', namespace: config.namespace },
      leaseSeconds,
    ),
    clock,
    timers,
    leaseMs: leaseSeconds * 1000,
    renewDeadlineMs,
    retryMs: leaseRetryMs,
    failed,
  }
  return {
    run: (signal) =>
      runOperator(
        { config, cache, controllers, leader, metrics, logger, close: () => kube.close() },
        signal,
      ),
  }
}

const watched = [
  ...customKinds.map((kind) => ({ kind })),
  ...[
    statefulSets,
    services,
    serviceAccounts,
    configMaps,
    secrets,
    persistentVolumeClaims,
    pods,
  ].map((kind) => ({ kind, labelSelector: ours })),
]

interface Reporting {
  readonly kube: HttpsKube
  readonly config: OperatorConfig
  readonly means: Means
  readonly failed: (error: unknown) => void
}

/** A line in the log and an event on the resource. */
function reporter({ kube, config, means, failed }: Reporting): Report {
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
  readonly reconcile: (key: string) => Promise<Outcome>
}

function controllerOf(
  { name, wake, reconcile }: Reconciling,
  { means, metrics }: { readonly means: Means; readonly metrics: OperatorMetrics },
): Controller {
  const queue = new WorkQueue({ timers: means.timers, now: means.clock.now })
  wake(queue)
  metrics.watchQueue(name, () => queue.depth)
  const observe = (key: string, outcome: Outcome): void => {
    metrics.reconciled(name, outcome.kind)
    if (outcome.kind === 'retry')
      means.logger.warn(
        { controller: name, key, error: String(outcome.error) },
        'A reconcile failed; trying again',
      )
  }
  return { name, queue, reconcile, workers, backoff, random: means.random, observe }
}

interface Parts {
  readonly config: OperatorConfig
  readonly cache: Cache
  readonly controllers: readonly Controller[]
  readonly leader: LeaderMeans
  readonly metrics: OperatorMetrics
  readonly logger: Logger
  readonly close: () => void
}

async function runOperator(
  { config, cache, controllers, leader, metrics, logger, close }: Parts,
  signal: AbortSignal,
): Promise<'stopped' | 'lost'> {
  const state = { synced: false }
  await using probes = await probeServer(config.probePort, {
    isReady: () => state.synced,
    metrics: metrics.text,
  })
  logger.info({ port: probes.port }, 'Probes and metrics are served')
  const stop = new AbortController()
  const either = AbortSignal.any([signal, stop.signal])
  const caching = cache.run(either)
  await cache.synced()
  state.synced = true
  const leading = config.leaderElection
    ? await lead(leader, either)
    : { lost: new Promise<void>(() => undefined) }
  if (leading === undefined) {
    await caching
    return 'stopped'
  }
  logger.info({ identity: config.identity }, 'This process leads')
  const working = controllers.map(runController)
  const ended = await Promise.race([leading.lost.then(() => 'lost' as const), aborted(signal)])
  for (const { queue } of controllers) queue.close()
  await Promise.all(working)
  if (config.leaderElection && signal.aborted) await release(leader).catch(leader.failed)
  stop.abort()
  await caching
  close()
  return signal.aborted ? 'stopped' : ended
}

function aborted(signal: AbortSignal): Promise<'stopped'> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve('stopped')
    signal.addEventListener('abort', () => resolve('stopped'), { once: true })
  })
}
