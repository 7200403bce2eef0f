/**
 * StrongroomCertificates and StrongroomPermissions with their real controllers over a fake cluster and a fake server, reconciled in turns
 * and not by timers: for histories of many steps.
 */
import { Attempts } from '#operator/access/attempts.ts'
import { type StrongroomCertificate, strongroomCertificates } from '#operator/api/certificate.ts'
import { type StrongroomPermission, strongroomPermissions } from '#operator/api/permission.ts'
import { strongrooms } from '#operator/api/strongroom.ts'
import { reconcileCertificate } from '#operator/certificates/controller.ts'
import { configMaps, pods, secrets } from '#operator/kube/kinds.ts'
import { type Kind, KubeError, type KubeObject } from '#operator/kube/kube.ts'
import { tlsData } from '#operator/kube/tls-secret.ts'
import { reconcilePermission } from '#operator/permissions/controller.ts'
import type { Issued } from '#shared/pki/issue.ts'
import { FakeAdmin } from './fake-admin.ts'
import { FakeKube } from './fake-kube.ts'
import { readyStrongroom, secret } from './resources.ts'
import { ofVault, pod, syncedCache, trustObjects } from './synced-cache.ts'

export const namespace = 'shop'

export class StatusRefusingKube extends FakeKube {
  /** Every write of a status is refused. */
  refusesStatus = false

  override async applyStatus<T extends KubeObject>(kind: Kind, object: T): Promise<T> {
    if (this.refusesStatus) throw new KubeError(422, 'Invalid', 'status is too long')
    return super.applyStatus(kind, object)
  }
}

export interface RevocationWorld extends AsyncDisposable {
  readonly kube: StatusRefusingKube
  readonly admin: FakeAdmin
  /** Reconciles everything so many times. What fails is tried again at the next turn. */
  turn(times?: number): Promise<void>
  /** Moves the clock of the operator and the server. */
  pass(ms: number): Promise<void>
  get<T extends KubeObject>(kind: Kind, name: string): Promise<T | undefined>
  /** `Ready True Reason` of a resource. */
  ready(kind: Kind, name: string): Promise<string>
  delete(kind: Kind, name: string): Promise<void>
  loseStatus(kind: Kind, name: string): Promise<void>
}

/** @param ca signs the client certificates of the cluster `vault` */
export async function revocationWorld(ca: Issued): Promise<RevocationWorld> {
  const [kube, admin] = [new StatusRefusingKube(), new FakeAdmin()]
  await kube.create(strongrooms, readyStrongroom())
  await kube.create(pods, pod())
  for (const object of trustObjects())
    await kube.create(object.kind === 'Secret' ? secrets : configMaps, object)
  await kube.create(secrets, ofVault({ ...secret('vault-client-ca', {}), data: tlsData(ca) }))
  const synced = await syncedCache(kube)
  const { cache, time } = synced
  const quiet = { report: async () => undefined, follow: () => undefined }
  const attempts = new Attempts({ clock: time, random: () => 0.5 })
  const means = { kube, cache, clock: time, connect: () => admin, attempts, ...quiet }
  const each = async (kind: Kind, reconcile: (key: string) => Promise<unknown>) => {
    const { items } = await kube.list<KubeObject>(kind, { namespace })
    for (const { metadata } of items) {
      await reconcile(`${namespace}/${metadata.name}`).catch(() => undefined)
      await time.pass(1)
    }
  }
  const get = <T extends KubeObject>(kind: Kind, name: string): Promise<T | undefined> =>
    kube.get<T>(kind, { name, namespace })
  return {
    kube,
    admin,
    get,
    turn: async (times = 1) => {
      for (let turn = 0; turn < times; turn += 1) {
        admin.nowMs = time.now()
        await each(strongroomCertificates, (key) => reconcileCertificate(key, means))
        await each(strongroomPermissions, (key) => reconcilePermission(key, means))
      }
    },
    pass: async (ms) => {
      await time.pass(ms)
      admin.nowMs = time.now()
    },
    ready: async (kind, name) => {
      const found = await get<StrongroomCertificate | StrongroomPermission>(kind, name)
      const ready = found?.status?.conditions?.find(({ type }) => type === 'Ready')
      return ready === undefined ? 'no condition' : `${ready.status} ${ready.reason}`
    },
    delete: async (kind, name) => {
      await kube.delete(kind, { name, namespace })
      await time.pass(1)
    },
    loseStatus: async (kind, name) => {
      const found = await get<KubeObject>(kind, name)
      const refuses = kube.refusesStatus
      kube.refusesStatus = false
      if (found !== undefined) await kube.applyStatus(kind, { ...found, status: {} } as KubeObject)
      kube.refusesStatus = refuses
      await time.pass(1)
    },
    [Symbol.asyncDispose]: async () => synced[Symbol.asyncDispose](),
  }
}
