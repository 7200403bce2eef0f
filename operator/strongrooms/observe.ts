/**
 * Everything that the decision about one Strongroom needs, read at one moment: from the cache, from Secrets of users one by
 * one, and by dialing the members.
 */

import type { Admin, Endpoint } from '#operator/admin/admin.ts'
import { endpointOf, memberPods, type Pod } from '#operator/admin/endpoint.ts'
import type { StrongroomDatabase } from '#operator/api/database.ts'
import { strongroomDatabases } from '#operator/api/database.ts'
import { names } from '#operator/api/names.ts'
import type { Strongroom } from '#operator/api/strongroom.ts'
import { strongrooms } from '#operator/api/strongroom.ts'
import type { CertManagerSeen } from '#operator/cert-manager/progress.ts'
import { certManagerSeen } from '#operator/cert-manager/seen.ts'
import { challengeComponent } from '#operator/challenges/http01-objects.ts'
import type { Child } from '#operator/kube/apply.ts'
import type { Cache } from '#operator/kube/cache.ts'
import { refOfKey } from '#operator/kube/key.ts'
import {
  configMaps,
  events,
  persistentVolumeClaims,
  secrets,
  serviceAccounts,
  services,
  statefulSets,
} from '#operator/kube/kinds.ts'
import type { Kube, KubeObject } from '#operator/kube/kube.ts'
import { label } from '#operator/kube/labels.ts'
import { isOwn } from '#operator/kube/ownership.ts'
import type { ConfigMap, Secret } from '#operator/kube/secret.ts'
import { tlsMaterial } from '#operator/kube/tls-secret.ts'
import { UserSecrets } from '#operator/kube/user-secrets.ts'
import type { Clock } from '#shared/clock.ts'
import type { ServerState } from '#shared/contract/state.ts'
import { certificatePem } from '#shared/pki/pem.ts'
import { type Expected, nameCoveredBy, type Served } from './dial.ts'
import type { Verdicts } from './verdicts.ts'

/** A member as its pod and its own answers show it. */
export interface Member {
  readonly pod: Pod
  readonly state: ServerState | undefined
  /** Why there is no state. */
  readonly unreachable: string | undefined
  readonly internal: Served | undefined
  /** Nothing where there is no public certificate to serve. */
  readonly public: Served | undefined
}

export interface Observed {
  readonly nowMs: number
  /** The operator's own image: servers of a new cluster run it. */
  readonly operatorImage: string
  readonly cluster: Strongroom
  /** Our own Secrets and ConfigMaps of this cluster, by name. */
  readonly secrets: ReadonlyMap<string, Secret>
  readonly configMaps: ReadonlyMap<string, ConfigMap>
  readonly masterKey: Secret | undefined
  /** The Secret of a user that `tls.server.secretRef` names. */
  readonly userTls: Secret | undefined
  /** Why a Secret that the resource names may not be used. */
  readonly secretRefused: string | undefined
  /** Images of servers beside the operator's own repository. */
  readonly allowedImages: readonly string[]
  /** What cert-manager has for the public certificate; of no interest unless the cluster names an issuer of it, or did. */
  readonly certManager: CertManagerSeen
  /** Claims of the members, and what only bears the name of one. */
  readonly volumes: readonly KubeObject[]
  /** Why the API server takes no pod of the servers, where one is missing and somebody said so. */
  readonly podRefusal: string | undefined
  /** What desired objects are compared with: StatefulSet, Services, ServiceAccount. */
  readonly children: readonly Child[]
  readonly members: readonly Member[]
  readonly databases: readonly StrongroomDatabase[]
  /** What was found of these Secrets before. */
  readonly verdicts: Verdicts
}

/** How members are asked; the real one dials. */
export interface Dialing {
  admin(endpoint: Endpoint): Admin
  /** The certificate that is served under a name, verified. */
  served(endpoint: Endpoint, expected: Expected): Promise<Served>
}

export interface ObserveMeans {
  readonly kube: Kube
  readonly cache: Cache
  readonly clock: Clock
  readonly dialing: Dialing
  readonly operatorImage: string
  readonly verdicts: Verdicts
  /** As of `SecretReading`. */
  readonly secretOptIn?: boolean | undefined
  /** Images of servers beside the operator's own repository. */
  readonly allowedImages?: readonly string[] | undefined
}

/** Nothing where the Strongroom is gone. */
export async function observe(key: string, means: ObserveMeans): Promise<Observed | undefined> {
  const { name, namespace } = refOfKey(key)
  const cluster = means.cache.get<Strongroom>(strongrooms, { name, namespace })
  if (cluster === undefined) return undefined
  const own = <T extends KubeObject>(kind: typeof secrets): readonly T[] =>
    means.cache.ofCluster<T>(kind, { name, namespace }).filter((each) => isOwn(each, cluster))
  const ourSecrets = byName(own<Secret>(secrets))
  const ourMaps = byName(own<ConfigMap>(configMaps))
  return {
    nowMs: means.clock.now(),
    operatorImage: means.operatorImage,
    cluster,
    secrets: ourSecrets,
    configMaps: ourMaps,
    ...(await userSecretsOf(cluster, ourSecrets, means)),
    allowedImages: means.allowedImages ?? [],
    certManager: certManagerSeen(means.cache, cluster, names.certManagerTls(name)),
    volumes: await volumesOf(cluster, means),
    podRefusal: await podRefusalOf(cluster, means),
    children: [statefulSets, services, serviceAccounts].flatMap((kind) =>
      own<KubeObject>(kind)
        .filter(({ metadata }) => metadata.labels?.[label.component] !== challengeComponent)
        .map((object) => ({ kind, object })),
    ),
    members: await Promise.all(
      memberPods(means.cache, { name, namespace }).map((pod) => observeMember(pod, cluster, means)),
    ),
    databases: means.cache
      .list<StrongroomDatabase>(strongroomDatabases, namespace)
      .filter(({ spec }) => spec.clusterRef.name === name),
    verdicts: means.verdicts,
  }
}

function byName<T extends KubeObject>(objects: readonly T[]): ReadonlyMap<string, T> {
  return new Map(objects.map((object) => [object.metadata.name, object]))
}

/**
 * Those with our labels, or else the first member's by its name: it may have been put back without them, or be somebody else's. Either
 * way it may hold data that a master key sealed; ours to change are those of `isOwn()` alone.
 */
async function volumesOf(
  { metadata: { name, namespace = '' } }: Strongroom,
  { cache, kube }: ObserveMeans,
): Promise<readonly KubeObject[]> {
  const labelled = cache.ofCluster<KubeObject>(persistentVolumeClaims, { name, namespace })
  if (labelled.length > 0) return labelled
  const first = await kube.get(persistentVolumeClaims, { name: names.volume(name), namespace })
  return first === undefined ? [] : [first]
}

interface CreationEvent extends KubeObject {
  readonly message?: string
  readonly lastTimestamp?: string
  readonly involvedObject?: { readonly uid?: string }
}

/** Of a StatefulSet that makes no pod only its events tell why. Asked for where a pod is missing, and the StatefulSet is there to make it. */
async function podRefusalOf(
  { metadata: { name, namespace = '' }, spec }: Strongroom,
  { cache, kube }: ObserveMeans,
): Promise<string | undefined> {
  const set = cache.get<KubeObject>(statefulSets, { name: names.statefulSet(name), namespace })
  const isMissing = memberPods(cache, { name, namespace }).length < spec.members
  if (set === undefined || !isMissing) return undefined
  const fieldSelector = `involvedObject.kind=StatefulSet,involvedObject.name=${set.metadata.name},reason=FailedCreate`
  const { items } = await kube.list<CreationEvent>(events, { namespace, fieldSelector })
  const latest = items
    .filter(({ involvedObject }) => involvedObject?.uid === set.metadata.uid)
    .toSorted((a, b) => (a.lastTimestamp ?? '').localeCompare(b.lastTimestamp ?? ''))
    .at(-1)
  return latest?.message
}

async function userSecretsOf(
  cluster: Strongroom,
  ours: ReadonlyMap<string, Secret>,
  means: ObserveMeans,
): Promise<Pick<Observed, 'masterKey' | 'userTls' | 'secretRefused'>> {
  const users = new UserSecrets(means, cluster)
  const name = cluster.spec.tls?.server.secretRef?.name
  const masterKey = await masterKeySecret(cluster, { ours, users, kube: means.kube })
  const userTls = name === undefined ? undefined : await users.read(name)
  return { masterKey, userTls, secretRefused: users.refusal }
}

async function masterKeySecret(
  cluster: Strongroom,
  {
    ours,
    users,
    kube,
  }: {
    readonly ours: ReadonlyMap<string, Secret>
    readonly users: UserSecrets
    readonly kube: Kube
  },
): Promise<Secret | undefined> {
  const { name, namespace = '' } = cluster.metadata
  const given = cluster.spec.encryption?.masterKey?.secretRef.name
  if (given !== undefined) return users.read(given)
  // One that was put back from a backup may lack our labels: it is read itself.
  const ref = { name: names.masterKey(name), namespace }
  return ours.get(ref.name) ?? kube.get<Secret>(secrets, ref)
}

async function observeMember(
  pod: Pod,
  cluster: Strongroom,
  { cache, dialing }: ObserveMeans,
): Promise<Member> {
  const { name, namespace = '' } = cluster.metadata
  const endpoint = endpointOf(cache, { name, namespace }, pod)
  if (endpoint === undefined)
    return {
      pod,
      state: undefined,
      unreachable: 'it has no address yet',
      internal: undefined,
      public: undefined,
    }
  const expected = expectedPublic(cache, cluster)
  const [state, internal, open] = await Promise.all([
    dialing
      .admin(endpoint)
      .state()
      .catch((error: Error) => error),
    dialing.served(endpoint, { name: endpoint.serverName, trust: endpoint.trust }),
    expected === undefined ? undefined : dialing.served(endpoint, expected),
  ])
  const failed = state instanceof Error
  return {
    pod,
    state: failed ? undefined : state,
    unreachable: failed ? state.message : undefined,
    internal,
    public: open,
  }
}

/** The public certificate as it should be served: it is trusted itself, whoever signed it. */
function expectedPublic(cache: Cache, cluster: Strongroom): Expected | undefined {
  const { name: owner, namespace = '' } = cluster.metadata
  const name = names.serverTls(owner)
  const material = tlsMaterial(cache.get<Secret>(secrets, { name, namespace }), name)
  if (material.kind !== 'usable') return undefined
  const host = cluster.spec.exposure?.host ?? nameCoveredBy(material.certificate)
  return host === undefined
    ? undefined
    : { name: host, trust: certificatePem(material.certificate) }
}
