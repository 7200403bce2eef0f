/** Where the members of a cluster are dialed, and what verifies them: from what the Strongroom controller left in the cluster. */
import { bundleKey, httpsPort, memberName, names } from '#operator/api/names.ts'
import { type Strongroom, strongrooms } from '#operator/api/strongroom.ts'
import type { Cache } from '#operator/kube/cache.ts'
import { pods, secrets } from '#operator/kube/kinds.ts'
import type { KubeObject } from '#operator/kube/kube.ts'
import { label } from '#operator/kube/labels.ts'
import { isOwn, type Owner } from '#operator/kube/ownership.ts'
import { type Secret, secretText } from '#operator/kube/secret.ts'
import type { Endpoint } from './admin.ts'

export interface Pod extends KubeObject {
  readonly status?: {
    readonly podIP?: string
    readonly phase?: string
    readonly conditions?: readonly {
      readonly type: string
      readonly status: string
      readonly reason?: string
      readonly message?: string
      readonly lastTransitionTime?: string
    }[]
    readonly containerStatuses?: readonly ContainerStatus[]
  }
}

export interface ContainerStatus {
  readonly name: string
  readonly state?: ContainerState
  readonly lastState?: ContainerState
}

export interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string }
  readonly terminated?: {
    readonly reason?: string
    readonly message?: string
    readonly exitCode?: number
  }
}

export interface ClusterRef {
  readonly name: string
  readonly namespace: string
}

/** The pods of a cluster's servers. */
export function memberPods(cache: Cache, { name, namespace }: ClusterRef): readonly Pod[] {
  return cache
    .ofCluster<Pod>(pods, { name, namespace })
    .filter(({ metadata }) => metadata.labels?.[label.component] === 'server')
}

export function isPodReady({ status, metadata }: Pod): boolean {
  const saysSo = status?.conditions?.some(
    ({ type, status: value }) => type === 'Ready' && value === 'True',
  )
  return metadata.deletionTimestamp === undefined && saysSo === true
}

/** One member. Nothing until it has an address and the cluster's trust is published. */
export function endpointOf(
  cache: Cache,
  { name, namespace }: ClusterRef,
  pod: Pod,
): Endpoint | undefined {
  const operator = cache.get<Secret>(secrets, { name: names.operatorCertificate(name), namespace })
  const bundle = trustedBundle(cache, { name, namespace })
  const address = pod.status?.podIP ?? ''
  if (operator === undefined || bundle === undefined || address === '') return undefined
  // Somebody's own Secret under this name is no certificate of ours.
  if (!isOwn(operator, ownerOf(cache, { name, namespace }))) return undefined
  return {
    address,
    port: httpsPort,
    serverName: memberName(pod.metadata.name, name, namespace),
    trust: bundle,
    certificate: secretText(operator, 'tls.crt'),
    key: secretText(operator, 'tls.key'),
  }
}

/** PEM of the authorities that verify members: from the Secret alone that the operator keeps. */
export function trustedBundle(cache: Cache, { name, namespace }: ClusterRef): string | undefined {
  const kept = cache.get<Secret>(secrets, { name: names.trust(name), namespace })
  if (!isOwn(kept, ownerOf(cache, { name, namespace }))) return undefined
  return secretText(kept, bundleKey) || undefined
}

/** What the Strongroom left may still be here when it is gone. */
function ownerOf(cache: Cache, { name, namespace }: ClusterRef): Owner {
  const { apiVersion, kind } = strongrooms
  const cluster = cache.get<Strongroom>(strongrooms, { name, namespace })
  return cluster ?? { apiVersion, kind, metadata: { name, namespace } }
}

/** Any ready member: administration is the same on each. */
export function anyEndpoint(cache: Cache, cluster: ClusterRef): Endpoint | undefined {
  for (const pod of memberPods(cache, cluster).filter(isPodReady)) {
    const endpoint = endpointOf(cache, cluster, pod)
    if (endpoint !== undefined) return endpoint
  }
  return undefined
}
