/**
 * What others added to an object of ours. Server-side apply leaves fields alone that it does not name, so a port, a container or a key
 * that somebody put in stays beside ours: here it is found, and taken away by a patch. Pure.
 *
 * Everything counts but labels, annotations and status, and but what API servers fill in by themselves, which the tables below name.
 */
import { isDeepStrictEqual } from 'node:util'
import type { KubeObject } from './kube.ts'

/** A field that an API server sets: the value it gives, or nothing where any is right. */
type Defaults = Readonly<Record<string, unknown>>

const any = undefined

/** By path below the object; `*` stands for the items of a list. */
const defaults: Readonly<Record<string, Defaults>> = {
  Service: {
    'spec.clusterIP': any,
    'spec.clusterIPs': any,
    'spec.ipFamilies': any,
    'spec.ipFamilyPolicy': any,
    'spec.type': 'ClusterIP',
    'spec.sessionAffinity': 'None',
    'spec.internalTrafficPolicy': 'Cluster',
    'spec.externalTrafficPolicy': 'Cluster',
    'spec.allocateLoadBalancerNodePorts': true,
    'spec.loadBalancerClass': any,
    'spec.ports.*.nodePort': any,
  },
  // Who may pull images for the pods is for administrators to say there.
  ServiceAccount: { secrets: any, imagePullSecrets: any },
  StatefulSet: {
    'spec.revisionHistoryLimit': 10,
    'spec.minReadySeconds': 0,
    'spec.updateStrategy': any,
    'spec.template.metadata.annotations': any,
    'spec.template.metadata.creationTimestamp': any,
    'spec.template.spec.restartPolicy': 'Always',
    'spec.template.spec.dnsPolicy': 'ClusterFirst',
    'spec.template.spec.schedulerName': 'default-scheduler',
    'spec.template.spec.serviceAccount': any,
    'spec.template.spec.containers.*.resources': any,
    'spec.template.spec.containers.*.terminationMessagePath': '/dev/termination-log',
    'spec.template.spec.containers.*.terminationMessagePolicy': 'File',
    'spec.template.spec.containers.*.startupProbe.successThreshold': 1,
    'spec.template.spec.containers.*.livenessProbe.successThreshold': 1,
    'spec.template.spec.containers.*.readinessProbe.successThreshold': 1,
    'spec.volumeClaimTemplates.*.metadata.creationTimestamp': any,
    'spec.volumeClaimTemplates.*.spec.volumeMode': 'Filesystem',
    'spec.volumeClaimTemplates.*.status': any,
  },
  HTTPRoute: {
    'spec.parentRefs.*.group': 'gateway.networking.k8s.io',
    'spec.parentRefs.*.kind': 'Gateway',
    'spec.rules.*.backendRefs.*.group': '',
    'spec.rules.*.backendRefs.*.kind': 'Service',
    'spec.rules.*.backendRefs.*.weight': 1,
  },
}

/** Fields that are not looked at as content; owners are, below. */
const aside = new Set(['apiVersion', 'kind', 'metadata', 'status'])

export interface Foreign {
  /** Where something was added, e.g. `spec.selector.app`. */
  readonly paths: readonly string[]
  /** JSON merge patch that takes it away. */
  readonly patch: Readonly<Record<string, unknown>>
}

/** Nothing where nobody added anything. Both are of one kind and name. */
export function foreignTo(present: KubeObject, wanted: KubeObject): Foreign | undefined {
  const walk = new Walk(defaults[wanted.kind] ?? {})
  const patch = { ...walk.map(content(present), content(wanted), '') }
  const [owners, ours] = [present, wanted].map(({ metadata }) => metadata.ownerReferences ?? [])
  // Whoever is named as an owner can have the object collected by going away.
  if (!isSameOwners(owners ?? [], ours ?? [])) {
    walk.paths.push('metadata.ownerReferences')
    Object.assign(patch, { metadata: { ownerReferences: ours } })
  }
  return walk.paths.length === 0 ? undefined : { paths: walk.paths, patch }
}

function isSameOwners(
  present: NonNullable<KubeObject['metadata']['ownerReferences']>,
  wanted: NonNullable<KubeObject['metadata']['ownerReferences']>,
): boolean {
  const uids = (owners: typeof present) => owners.map(({ uid }) => uid).toSorted()
  return isDeepStrictEqual(uids(present), uids(wanted))
}

function content(object: KubeObject): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(object).filter(([field]) => !aside.has(field)))
}

class Walk {
  readonly paths: string[] = []
  readonly #defaults: Defaults

  constructor(known: Defaults) {
    this.#defaults = known
  }

  /** The patch for a map; empty where nothing is foreign in it. */
  map(present: object, wanted: object, path: string): Record<string, unknown> {
    const patch: Record<string, unknown> = {}
    for (const [key, value] of Object.entries(present)) {
      const at = path === '' ? key : `${path}.${key}`
      const change = this.#field(value, (wanted as Record<string, unknown>)[key], at)
      if (change !== undefined) patch[key] = change
    }
    return patch
  }

  /** `null`: it is to go. Nothing: it is to stay as it is. */
  #field(present: unknown, wanted: unknown, path: string): unknown {
    if (wanted !== undefined) return this.#value(present, wanted, path)
    if (this.#isDefault(path, present)) return undefined
    this.paths.push(path)
    return null
  }

  /** A merge patch takes a list as a whole or not at all. */
  #value(present: unknown, wanted: unknown, path: string): unknown {
    if (Array.isArray(wanted)) return this.#list(present, wanted, path) ? undefined : wanted
    if (!isMap(wanted)) return undefined
    const inner = isMap(present) ? this.map(present, wanted, path) : {}
    return Object.keys(inner).length === 0 ? undefined : inner
  }

  #list(present: unknown, wanted: readonly unknown[], path: string): boolean {
    if (!Array.isArray(present)) return true
    const before = this.paths.length
    if (present.length > wanted.length) this.paths.push(path)
    for (const [index, item] of present.entries()) this.#value(item, wanted[index], `${path}.*`)
    return this.paths.length === before
  }

  #isDefault(path: string, value: unknown): boolean {
    const isEmpty = value === null || (isMap(value) && Object.keys(value).length === 0)
    if (isEmpty || (Array.isArray(value) && value.length === 0)) return true
    const known = this.#defaults
    return Object.hasOwn(known, path) && (known[path] === any || known[path] === value)
  }
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
