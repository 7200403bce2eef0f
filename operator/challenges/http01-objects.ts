/** What leads a CA's question for one name to the operator. One builder for each object; all of them go together. */
import { createHash } from 'node:crypto'
import { isIPv6 } from 'node:net'
import type { Http01Solver } from '#operator/api/issuer-solvers.ts'
import { childName } from '#operator/api/names.ts'
import type { Strongroom } from '#operator/api/strongroom.ts'
import type { Child } from '#operator/kube/apply.ts'
import { endpointSlices, httpRoutes, ingresses, services } from '#operator/kube/kinds.ts'
import type { Kind, KubeObject } from '#operator/kube/kube.ts'
import { clusterLabels, ownedBy } from '#operator/kube/labels.ts'
import { challengePath } from '#shared/acme/http01-look.ts'

/** What a label says of these objects: solvers make them and take them away, and nobody else does. */
export const challengeComponent = 'acme-challenge'

export interface Http01Way {
  readonly settings: Http01Solver
  /** The name that is proven. */
  readonly name: string
  /** Of the operator's replicas; those of one family are used. */
  readonly addresses: readonly string[]
  /** Where they answer. */
  readonly challengePort: number
}

/** The Service first, whatever leads to it last. */
export function http01Objects(cluster: Strongroom, way: Http01Way): readonly Child[] {
  const { ingress, gatewayHTTPRoute } = way.settings
  return [
    { kind: services, object: service(cluster, way) },
    { kind: endpointSlices, object: endpointSlice(cluster, way) },
    ...(ingress === undefined
      ? []
      : [{ kind: ingresses, object: ingressFor(cluster, way, ingress) }]),
    ...(gatewayHTTPRoute === undefined
      ? []
      : [{ kind: httpRoutes, object: routeFor(cluster, way, gatewayHTTPRoute) }]),
  ]
}

/** Short, and no two names share one. */
export function http01Name({ metadata }: Strongroom, name: string): string {
  const hash = createHash('sha256').update(name.toLowerCase()).digest('hex').slice(0, 8)
  return childName(metadata.name, `acme-${hash}`)
}

const port = 80

function service(cluster: Strongroom, { settings, name, challengePort }: Http01Way): KubeObject {
  return {
    ...shape(cluster, services, name),
    spec: {
      type: settings.serviceType ?? 'ClusterIP',
      ports: [{ name: 'http', port, targetPort: challengePort, protocol: 'TCP' }],
    },
  } as KubeObject
}

function endpointSlice(
  cluster: Strongroom,
  { name, addresses, challengePort }: Http01Way,
): KubeObject {
  const isSix = isIPv6(addresses[0] ?? '')
  const { metadata, ...rest } = shape(cluster, endpointSlices, name)
  const labels = { ...metadata.labels, 'kubernetes.io/service-name': metadata.name }
  return {
    ...rest,
    metadata: { ...metadata, labels },
    addressType: isSix ? 'IPv6' : 'IPv4',
    ports: [{ name: 'http', port: challengePort, protocol: 'TCP' }],
    endpoints: addresses
      .filter((address) => isIPv6(address) === isSix)
      .map((address) => ({ addresses: [address], conditions: { ready: true } })),
  } as KubeObject
}

function ingressFor(
  cluster: Strongroom,
  { name }: Http01Way,
  { className, annotations }: NonNullable<Http01Solver['ingress']>,
): KubeObject {
  const { metadata, ...rest } = shape(cluster, ingresses, name)
  const backend = { service: { name: metadata.name, port: { number: port } } }
  const paths = [{ path: challengePath, pathType: 'Prefix', backend }]
  return {
    ...rest,
    metadata: { ...metadata, ...(annotations === undefined ? {} : { annotations }) },
    spec: { ingressClassName: className, rules: [{ host: name, http: { paths } }] },
  } as KubeObject
}

function routeFor(
  cluster: Strongroom,
  { name }: Http01Way,
  { parentRefs }: NonNullable<Http01Solver['gatewayHTTPRoute']>,
): KubeObject {
  const object = shape(cluster, httpRoutes, name)
  const matches = [{ path: { type: 'PathPrefix', value: challengePath } }]
  const backendRefs = [{ name: object.metadata.name, port }]
  return {
    ...object,
    spec: { parentRefs, hostnames: [name], rules: [{ matches, backendRefs }] },
  } as KubeObject
}

function shape(cluster: Strongroom, { apiVersion, kind }: Kind, name: string): KubeObject {
  const { name: owner, namespace } = cluster.metadata
  return {
    apiVersion,
    kind,
    metadata: {
      name: http01Name(cluster, name),
      ...(namespace === undefined ? {} : { namespace }),
      labels: clusterLabels(owner, challengeComponent),
      ownerReferences: [ownedBy(cluster)],
    },
  }
}
