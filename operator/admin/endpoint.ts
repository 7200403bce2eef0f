/** Where the members of a cluster are dialed, and what verifies them: from what the Strongroom controller left in the cluster. */
import { httpsPort, memberName, names } from '#operator/api/names.ts'
import type { Cache } from '#operator/kube/cache.ts'
import { configMaps, pods, secrets } from '#operator/kube/kinds.ts'
import type { KubeObject } from '#operator/kube/kube.ts'
import { belongsTo, label } from '#operator/kube/labels.ts'
import { type ConfigMap, type Secret, secretText } from '#operator/kube/secret.ts'
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
  const trust = cache.get<ConfigMap>(configMaps, { name: names.trust(name), namespace })
  const bundle = trust?.data?.['ca-bundle.crt']
  const address = pod.status?.podIP ?? ''
  if (operator === undefined || trust === undefined || bundle === undefined || address === '')
    return undefined
  // Somebody's own objects under these names are no trust of ours.
  if (!belongsTo(operator, name) || !belongsTo(trust, name)) return undefined
  return {
    address,
    port: httpsPort,
    serverName: memberName(pod.metadata.name, name, namespace),
    trust: bundle,
    certificate: secretText(operator, 'tls.crt'),
    key: secretText(operator, 'tls.key'),
  }
}

/** Any ready member: administration is the same on each. */
export function anyEndpoint(cache: Cache, cluster: ClusterRef): Endpoint | undefined {
  for (const pod of memberPods(cache, cluster).filter(isPodReady)) {
    const endpoint = endpointOf(cache, cluster, pod)
    if (endpoint !== undefined) return endpoint
  }
  return undefined
}
