/**
 * What the operator may do, each with the place in the code that needs it. The chart's roles are generated from this list;
 * the suites on a real API server run with exactly these rights, so a missing one fails there and a superfluous one is seen here.
 */
import {
  certManagerCertificates,
  certManagerRequests,
  configMaps,
  endpointSlices,
  events,
  httpRoutes,
  ingresses,
  leases,
  namespaces,
  persistentVolumeClaims,
  pods,
  secrets,
  serviceAccounts,
  services,
  statefulSets,
} from '#operator/kube/kinds.ts'
import type { Kind } from '#operator/kube/kube.ts'
import { group } from './common.ts'
import { customKinds } from './kinds.ts'

export interface PolicyRule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
}

const watch = ['get', 'list', 'watch']
/** Server-side apply is a patch that may create. */
const apply = [...watch, 'create', 'patch']

/** In every namespace that is watched. */
export const namespacedRules: readonly PolicyRule[] = [
  rule(
    group,
    customKinds.map(({ plural }) => plural),
    [...watch, 'patch'],
  ),
  rule(
    group,
    customKinds.map(({ plural }) => `${plural}/status`),
    ['get', 'patch'],
  ),
  // Children name their Strongroom as owner and keep it from vanishing before them.
  rule(
    group,
    customKinds.map(({ plural }) => `${plural}/finalizers`),
    ['update'],
  ),
  of([statefulSets], [...apply, 'delete']),
  of([services, serviceAccounts, configMaps], [...apply, 'delete']),
  // Staged keys of certificates are deleted once they are in use.
  of([secrets], [...apply, 'delete']),
  // HTTP-01: what leads a CA's question to the operator, for as long as it is asked.
  of([endpointSlices], ['get', 'create', 'patch', 'delete']),
  of([ingresses], ['get', 'create', 'patch', 'delete']),
  of([httpRoutes], ['get', 'create', 'patch', 'delete']),
  // Where cert-manager is installed and an issuerRef names an issuer of it: what is asked for, and why it does not come.
  of([certManagerCertificates], [...apply, 'delete']),
  of([certManagerRequests], watch),
  // Grown as spec.storage.size says, deleted only by spec.deletionPolicy Delete.
  of([persistentVolumeClaims], [...watch, 'patch', 'delete']),
  // Nudged so that kubelet looks at mounted Secrets at once.
  of([pods], [...watch, 'patch']),
  // Listed where a pod cannot be made: nobody but an event says why.
  of([events], ['get', 'list', 'create', 'patch']),
  // Is the namespace of a resource being deleted? Finalizers are released then.
  of([namespaces], ['get']),
]

/** In the operator's own namespace: the lease of the leader, and the addresses at which replicas answer challenges. */
export const leaseRules: readonly PolicyRule[] = [
  of([leases], ['get', 'create', 'patch']),
  of([pods], ['list']),
]

function of(kinds: readonly [Kind, ...Kind[]], verbs: readonly string[]): PolicyRule {
  const [apiGroup = ''] = kinds[0].apiVersion.includes('/') ? kinds[0].apiVersion.split('/') : ['']
  return rule(
    apiGroup,
    kinds.map(({ plural }) => plural),
    verbs,
  )
}

function rule(
  apiGroup: string,
  resources: readonly string[],
  verbs: readonly string[],
): PolicyRule {
  return { apiGroups: [apiGroup], resources, verbs }
}
