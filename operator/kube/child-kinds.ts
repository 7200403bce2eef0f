/** Kinds of the objects that are made for a cluster or belong to its StatefulSet: watched beside the operator's own kinds. */
import {
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
