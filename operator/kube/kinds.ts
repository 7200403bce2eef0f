/** The built-in kinds that the operator reads or writes. Its own stand in `operator/api`. RBAC is generated from this list's uses. */
import type { Kind } from './kube.ts'

function core(kind: string, plural: string, namespaced = true): Kind {
  return { apiVersion: 'v1', kind, plural, namespaced }
}

export const secrets = core('Secret', 'secrets')
export const configMaps = core('ConfigMap', 'configmaps')
export const services = core('Service', 'services')
export const serviceAccounts = core('ServiceAccount', 'serviceaccounts')
export const pods = core('Pod', 'pods')
export const persistentVolumeClaims = core('PersistentVolumeClaim', 'persistentvolumeclaims')
/** And not of events.k8s.io: of those `kubectl describe` shows neither how often nor when last, and in no order. */
export const events = core('Event', 'events')
export const namespaces = core('Namespace', 'namespaces', false)
export const statefulSets: Kind = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  plural: 'statefulsets',
  namespaced: true,
}
export const leases: Kind = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
}

/** Made for a challenge of a CA, and taken away after it. */
export const endpointSlices: Kind = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  namespaced: true,
}
export const ingresses: Kind = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  plural: 'ingresses',
  namespaced: true,
}
/** Of the Gateway API, where that is installed. */
export const httpRoutes: Kind = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  plural: 'httproutes',
  namespaced: true,
}

/** Of cert-manager, where that is installed. */
export const certManagerCertificates: Kind = {
  apiVersion: 'cert-manager.io/v1',
  kind: 'Certificate',
  plural: 'certificates',
  namespaced: true,
}
export const certManagerRequests: Kind = {
  apiVersion: 'cert-manager.io/v1',
  kind: 'CertificateRequest',
  plural: 'certificaterequests',
  namespaced: true,
}
