/** Where the replicas of the operator answer challenges. */

import type { Pod } from '#operator/admin/endpoint.ts'
import { pods } from '#operator/kube/kinds.ts'
import type { Kube } from '#operator/kube/kube.ts'

/** Labels of the operator's own pods, as the chart sets them. */
const operatorPods = 'app.kubernetes.io/name=strongroom-operator'

/** Addresses of the running pods of the operator in its own namespace; `given` instead, where it runs elsewhere. */
export async function replicaAddresses(
  kube: Pick<Kube, 'list'>,
  { namespace, given }: { readonly namespace: string; readonly given: string },
): Promise<readonly string[]> {
  if (given !== '') return [given]
  const { items } = await kube.list<Pod>(pods, { namespace, labelSelector: operatorPods })
  return items.flatMap(({ metadata, status }) =>
    metadata.deletionTimestamp === undefined && status?.phase === 'Running'
      ? (status.podIP ?? [])
      : [],
  )
}
