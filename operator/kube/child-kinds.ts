/** Kinds of the objects that are made for a cluster or belong to its StatefulSet: watched beside the operator's own kinds. */
import {
  certManagerCertificates,
  certManagerRequests,
  configMaps,
  persistentVolumeClaims,
  pods,
  secrets,
  serviceAccounts,
  services,
  statefulSets,
} from './kinds.ts'
import type { Kind } from './kube.ts'

export const childKinds: readonly Kind[] = [
  statefulSets,
  services,
  serviceAccounts,
  configMaps,
  secrets,
  persistentVolumeClaims,
  pods,
]

/** Those of programs that may not be installed. */
export const optionalKinds: readonly Kind[] = [certManagerCertificates, certManagerRequests]
