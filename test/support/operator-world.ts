/**
 * The whole operator on a fake cluster: the real controllers, cache and queues; in place of kubelet a few lines that make a
 * pod ready for each StatefulSet. Time is moved by hand.
 */
import { Attempts } from '#operator/access/attempts.ts'
import type { StrongroomCertificate } from '#operator/api/certificate.ts'
import { customKinds } from '#operator/api/kinds.ts'
import { reconcileCertificate, wakeCertificates } from '#operator/certificates/controller.ts'
import { reconcileDatabase, wakeDatabases } from '#operator/databases/controller.ts'
import { Cache } from '#operator/kube/cache.ts'
import { childKinds, optionalKinds } from '#operator/kube/child-kinds.ts'
import { type Follow, following } from '#operator/kube/followed.ts'
import {
  configMaps,
  persistentVolumeClaims,
  pods,
  secrets,
  statefulSets,
} from '#operator/kube/kinds.ts'
import type { Kind, KubeObject } from '#operator/kube/kube.ts'
import { clusterLabels, ownedBy } from '#operator/kube/labels.ts'
import type { Secret } from '#operator/kube/secret.ts'
import { tlsMaterial } from '#operator/kube/tls-secret.ts'
import { reconcilePermission, wakePermissions } from '#operator/permissions/controller.ts'
import { runController } from '#operator/runtime/controller.ts'
import { WorkQueue } from '#operator/runtime/queue.ts'
import { reconcileStrongroom, wakeStrongrooms } from '#operator/strongrooms/controller.ts'
import type { Served } from '#operator/strongrooms/dial.ts'
import type { FindIssuer } from '#operator/strongrooms/orders/issuer.ts'
import { OwnWrites } from '#operator/strongrooms/own-writes.ts'
import { Verdicts } from '#operator/strongrooms/verdicts.ts'
import { OrderedNames } from '#shared/acme/ordered-names.ts'
import { makeKeyPair } from '#shared/pki/issue.ts'
import { FakeAdmin } from './fake-admin.ts'
import { FakeKube } from './fake-kube.ts'
import { type FakeTime, fakeTime } from './fake-timers.ts'

export const namespace = 'shop'

export interface OperatorWorld extends AsyncDisposable {
  readonly kube: FakeKube
  readonly admin: FakeAdmin
  readonly time: FakeTime
  /** Events, as `Kind name Reason`. */
  readonly events: string[]
  create(object: KubeObject): Promise<void>
  get<T extends KubeObject>(kind: Kind, name: string): Promise<T | undefined>
  secret(name: string): Promise<Secret | undefined>
  /** `Ready True Reason` of a resource. */
  ready(kind: Kind, name: string): Promise<string>
  /** Lets the operator work for so many seconds. */
  work(seconds?: number): Promise<void>
}

export interface WorldOptions {
  /** No pod is ever made. */
  readonly isKubeletAway?: boolean
  /** Default: there is none. */
  readonly findIssuer?: FindIssuer
}

export function operatorWorld({
  isKubeletAway = false,
  findIssuer = noIssuer,
}: WorldOptions = {}): OperatorWorld {
  const kube = new FakeKube()
  const admin = new FakeAdmin()
  const time = fakeTime(Date.UTC(2026, 5, 1))
  const events: string[] = []
  const stop = new AbortController()
  const failed = (): void => undefined
  for (const kind of optionalKinds) kube.undefine(kind)
  const watched = [
    ...[...customKinds, ...childKinds].map((kind) => ({ kind })),
    ...optionalKinds.map((kind) => ({ kind, isOptional: true })),
  ]
  const reflecting = {
    timers: time,
    random: () => 0.5,
    backoff: { firstMs: 100, mostMs: 1_000 },
    idleMs: 130_000,
    resyncMs: 45_000,
    failed,
  }
  const cache = new Cache(kube, { watched, namespaces: [] }, reflecting)
  const report = async (
    about: KubeObject,
    { reason }: { readonly reason: string },
  ): Promise<void> => {
    events.push(`${about.kind} ${about.metadata.name} ${reason}`)
  }
  const common = () => ({
    ...{ kube, cache, clock: time, connect: () => admin, report },
    attempts: new Attempts({ clock: time, random: () => 0.5 }),
  })
  const [database, certificate, permission] = [common(), common(), common()]
  const served = async (_: unknown, { trust }: { readonly trust: string }): Promise<Served> =>
    servedBy(kube, trust)
  const strongroom = {
    ...common(),
    dialing: { admin: () => admin, served },
    operatorImage: 'strongroom:1',
    random: () => 0.5,
    ...{ orderedNames: new OrderedNames(), ownWrites: new OwnWrites(), verdicts: new Verdicts() },
    findIssuer,
  }
  const controllers = [
    [
      (queue: WorkQueue) => wakeStrongrooms(strongroom, queue),
      (key: string, follow: Follow) => reconcileStrongroom(key, { ...strongroom, follow }),
    ],
    [
      (queue: WorkQueue) => wakeDatabases(database, queue),
      (key: string) => reconcileDatabase(key, database),
    ],
    [
      (queue: WorkQueue) => wakeCertificates(certificate, queue),
      (key: string, follow: Follow) => reconcileCertificate(key, { ...certificate, follow }),
    ],
    [
      (queue: WorkQueue) => wakePermissions(permission, queue),
      (key: string, follow: Follow) => reconcilePermission(key, { ...permission, follow }),
    ],
  ] as const
  const running = controllers.map(([wake, reconcile]) => {
    const queue = new WorkQueue({ timers: time, now: time.now })
    wake(queue)
    const followed = following({ ...reflecting, kube, wake: (key) => queue.add(key) })
    const stop = (): void => {
      queue.close()
      followed.close()
    }
    void runController({
      name: 'test',
      queue,
      reconcile: (key) => reconcile(key, followed.follow),
      stop,
      workers: 2,
      backoff: { firstMs: 500, mostMs: 4_000 },
      waitBackoff: { firstMs: 1_000, mostMs: 4_000 },
      random: () => 0.5,
      clock: time,
      observe: () => undefined,
    })
    return stop
  })
  if (!isKubeletAway) cache.onObject<KubeObject>(statefulSets, (set) => void kubelet(kube, set))
  const caching = cache.run(stop.signal)
  return {
    kube,
    admin,
    time,
    events,
    create: async (object) => {
      await kube.create(kindOf(object), object)
    },
    get: (kind, name) => kube.get(kind, { name, namespace }),
    secret: (name) => kube.get(secrets, { name, namespace }),
    ready: async (kind, name) =>
      readyOf(await kube.get<StrongroomCertificate>(kind, { name, namespace })),
    work: async (seconds = 10) => {
      for (let second = 0; second < seconds; second += 1) {
        await time.pass(1_000)
        await keysAreMade()
      }
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      for (const end of running) end()
      await caching
    },
  }
}

/** Keys are made on threads of their own, which no hand of a clock hurries: some more are made after them, however busy the machine is. */
async function keysAreMade(): Promise<void> {
  for (let round = 0; round < 3; round += 1)
    await Promise.all(Array.from({ length: 4 }, () => makeKeyPair('p-256')))
}

function kindOf({ kind }: KubeObject): Kind {
  const found = [...customKinds, secrets, configMaps, persistentVolumeClaims, pods].find(
    (one) => one.kind === kind,
  )
  if (found === undefined) throw new TypeError(`the world knows no ${kind}`)
  return found
}

function readyOf(resource: StrongroomCertificate | undefined): string {
  const ready = resource?.status?.conditions?.find(({ type }) => type === 'Ready')
  return ready === undefined ? 'no condition' : `${ready.status} ${ready.reason}`
}

/** A volume and a ready pod, once. */
async function kubelet(kube: FakeKube, set: KubeObject): Promise<void> {
  const { metadata } = set
  const { name } = metadata
  if ((await kube.get(statefulSets, { name, namespace })) === undefined) return
  const labels = clusterLabels(name, 'server')
  const ref = { name: `${name}-0`, namespace }
  const volume = { name: `data-${name}-0`, namespace }
  if ((await kube.get(persistentVolumeClaims, volume)) === undefined) {
    const spec = { resources: { requests: { storage: '1Gi' } } }
    await kube.apply(persistentVolumeClaims, {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { ...volume, labels },
      spec,
    } as KubeObject)
  }
  if ((await kube.get(pods, ref)) !== undefined) return
  const status = {
    podIP: '198.18.65.2',
    phase: 'Running',
    conditions: [{ type: 'Ready', status: 'True' }],
  }
  await kube.apply(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...ref, labels, ownerReferences: [ownedBy(set)] },
    status,
  } as KubeObject)
}

/** A member serves what its Secrets hold: the certificate that is trusted itself, or the one of the trusted authority. */
async function servedBy(kube: FakeKube, trust: string): Promise<Served> {
  const material = async (name: string) =>
    tlsMaterial(await kube.get<Secret>(secrets, { name, namespace }), name)
  const open = await material('vault-server-tls')
  const internal = await material('vault-internal-tls')
  const wanted = trust.includes(
    open.kind === 'usable' ? open.certificate.der.toString('base64').slice(0, 64) : '-',
  )
    ? open
    : internal
  return wanted.kind === 'usable'
    ? { certificate: wanted.certificate }
    : { failure: wanted.message }
}

export async function noIssuer() {
  return { kind: 'unusable', reason: 'IssuerNotFound', message: 'there is none' } as const
}
