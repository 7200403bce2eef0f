/** The two Services: one for programs, one that gives each member a name of its own, ready or not. */
import { httpsPort, names } from '#operator/api/names.ts'
import type { Strongroom } from '#operator/api/strongroom.ts'
import type { KubeObject } from '#operator/kube/kube.ts'
import { clusterLabels, label, ownedBy } from '#operator/kube/labels.ts'

export function clusterService(cluster: Strongroom): KubeObject {
  return service(cluster, names.service(cluster.metadata.name), { type: 'ClusterIP' })
}

export function headlessService(cluster: Strongroom): KubeObject {
  // The operator dials a member before it is ready, and an ACME challenge is answered then too.
  return service(cluster, names.headlessService(cluster.metadata.name), {
    clusterIP: 'None',
    publishNotReadyAddresses: true,
  })
}

function service(
  cluster: Strongroom,
  name: string,
  rest: Readonly<Record<string, unknown>>,
): KubeObject & { readonly spec: unknown } {
  const { namespace } = cluster.metadata
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: clusterLabels(cluster.metadata.name, 'server'),
      ownerReferences: [ownedBy(cluster)],
    },
    spec: {
      ...rest,
      selector: { [label.cluster]: cluster.metadata.name, [label.component]: 'server' },
      ports: [{ name: 'https', port: httpsPort, targetPort: 'https', protocol: 'TCP' }],
    },
  }
}
