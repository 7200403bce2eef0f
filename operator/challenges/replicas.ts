/** Where the replicas of the operator answer challenges. */

import type { Pod } from '#operator/admin/endpoint.ts'
import { pods } from '#operator/kube/kinds.ts'
import type { Kube } from '#operator/kube/kube.ts'

/** Labels of this installation's own pods, as the chart sets them. */
const labelsOf = (instance: string): string =>
  `app.kubernetes.io/name=strongroom-operator,app.kubernetes.io/instance=${instance}`

/** Where the pods of one installation are. */
export interface Installation {
  readonly namespace: string
  readonly instance: string
  /** Address to use instead; empty: those of the pods. */
  readonly given: string
}

/** Addresses of the running pods of the operator in its own namespace; `given` instead, where it runs elsewhere. */
export async function replicaAddresses(
  kube: Pick<Kube, 'list'>,
  { namespace, instance, given }: Installation,
): Promise<readonly string[]> {
  if (given !== '') return [given]
  const { items } = await kube.list<Pod>(pods, { namespace, labelSelector: labelsOf(instance) })
  return items.flatMap(({ metadata, status }) =>
    metadata.deletionTimestamp === undefined && status?.phase === 'Running'
      ? (status.podIP ?? [])
      : [],
  )
}
