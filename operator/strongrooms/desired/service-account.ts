/** The servers' service account: an identity without rights, whose token no pod gets. */
import { names } from '#operator/api/names.ts'
import type { Strongroom } from '#operator/api/strongroom.ts'
import type { KubeObject } from '#operator/kube/kube.ts'
import { clusterLabels, ownedBy } from '#operator/kube/labels.ts'

export function serviceAccount(
  cluster: Strongroom,
): KubeObject & { readonly automountServiceAccountToken: boolean } {
  const { name, namespace } = cluster.metadata
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: {
      name: names.serviceAccount(name),
      ...(namespace === undefined ? {} : { namespace }),
      labels: clusterLabels(name, 'server'),
      ownerReferences: [ownedBy(cluster)],
    },
    automountServiceAccountToken: false,
  }
}
