/** The operator's controllers in this process, on a real API server and with a fake server to administer. Nobody runs pods: the test makes them. */
import { Attempts } from '#operator/access/attempts.ts'
import { customKinds } from '#operator/api/kinds.ts'
import { reconcileCertificate, wakeCertificates } from '#operator/certificates/controller.ts'
import { reconcileDatabase, wakeDatabases } from '#operator/databases/controller.ts'
import { reconcileIssuer, wakeIssuers } from '#operator/issuers/controller.ts'
import { Cache } from '#operator/kube/cache.ts'
import { childKinds, optionalKinds } from '#operator/kube/child-kinds.ts'
import { type Follow, following } from '#operator/kube/followed.ts'
import type { Kube } from '#operator/kube/kube.ts'
import { reconcilePermission, wakePermissions } from '#operator/permissions/controller.ts'
import { runController } from '#operator/runtime/controller.ts'
import type { Outcome } from '#operator/runtime/outcome.ts'
import { WorkQueue } from '#operator/runtime/queue.ts'
import { reconcileStrongroom, wakeStrongrooms } from '#operator/strongrooms/controller.ts'
import { OwnWrites } from '#operator/strongrooms/own-writes.ts'
import { Verdicts } from '#operator/strongrooms/verdicts.ts'
import { OrderedNames } from '#shared/acme/ordered-names.ts'
import { systemClock } from '#shared/clock.ts'
import { systemTimers } from '#shared/timers.ts'
import { FakeCa } from './fake-accounts.ts'
import { FakeAdmin } from './fake-admin.ts'
import { noIssuer } from './operator-world.ts'

export interface RealOperator extends AsyncDisposable {
  /** What reconciles failed with, as `controller key error`. */
  readonly failures: readonly string[]
}

type Reconcile = (key: string, follow: Follow) => Promise<Outcome>

export async function realOperator(kube: Kube): Promise<RealOperator> {
  const [timers, clock, random] = [systemTimers, systemClock, Math.random]
  const admin = new FakeAdmin()
  const failures: string[] = []
  const backoff = { firstMs: 500, mostMs: 60_000 }
  const failed = (error: unknown): void => void failures.push(`cache ${String(error)}`)
  const reflecting = { timers, random, backoff, idleMs: 130_000, resyncMs: 45_000, failed }
  const watched = [
    ...[...customKinds, ...childKinds].map((kind) => ({ kind })),
    ...optionalKinds.map((kind) => ({ kind, isOptional: true })),
  ]
  const cache = new Cache(kube, { watched, namespaces: [] }, reflecting)
  const common = () => ({
    ...{ kube, cache, clock, random, connect: () => admin, report: async () => undefined },
    attempts: new Attempts({ clock, random }),
  })
  const [database, certificate, permission] = [common(), common(), common()]
  const issuer = { ...common(), connectCa: new FakeCa().connect }
  const cluster = {
    ...common(),
    dialing: { admin: () => admin, served: async () => ({ failure: 'nobody dials here' }) },
    operatorImage: 'strongroom:1',
    ...{ orderedNames: new OrderedNames(), ownWrites: new OwnWrites(), verdicts: new Verdicts() },
    findIssuer: noIssuer,
  }
  const kinds: readonly (readonly [string, (queue: WorkQueue) => void, Reconcile])[] = [
    [
      'strongrooms',
      (queue) => wakeStrongrooms(cluster, queue),
      (key, follow) => reconcileStrongroom(key, { ...cluster, follow }),
    ],
    [
      'databases',
      (queue) => wakeDatabases(database, queue),
      (key) => reconcileDatabase(key, database),
    ],
    [
      'certificates',
      (queue) => wakeCertificates(certificate, queue),
      (key, follow) => reconcileCertificate(key, { ...certificate, follow }),
    ],
    [
      'permissions',
      (queue) => wakePermissions(permission, queue),
      (key, follow) => reconcilePermission(key, { ...permission, follow }),
    ],
    [
      'issuers',
      (queue) => wakeIssuers(issuer, queue),
      (key, follow) => reconcileIssuer(key, { ...issuer, follow }),
    ],
  ]
  const stop = new AbortController()
  const running = kinds.map(([name, wake, reconcile]) => {
    const queue = new WorkQueue({ timers, now: clock.now })
    wake(queue)
    const followed = following({ ...reflecting, kube, wake: (key) => queue.add(key) })
    const end = (): void => {
      queue.close()
      followed.close()
    }
    const ended = runController({
      ...{ name, queue, stop: end, workers: 10, backoff, random, clock },
      waitBackoff: { firstMs: 1_000, mostMs: 60_000 },
      reconcile: (key) => reconcile(key, followed.follow),
      observe: (key, outcome) => {
        if (outcome.kind === 'retry') failures.push(`${name} ${key} ${String(outcome.error)}`)
      },
    })
    return { end, ended }
  })
  const caching = cache.run(stop.signal)
  await cache.synced()
  return {
    failures,
    [Symbol.asyncDispose]: async () => {
      for (const { end } of running) end()
      await Promise.all(running.map(({ ended }) => ended))
      stop.abort()
      await caching
    },
  }
}
