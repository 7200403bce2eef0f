/** The port to Kubernetes keeps its promises on a real API server. */
import { randomUUID } from 'node:crypto'
import { kubeconfigAccess } from '#operator/kube/access.ts'
import { HttpsKube } from '#operator/kube/https-kube.ts'
import { kubeContract } from '#test/contract/kube.contract.ts'
import type { Place } from '../suite.ts'

export function kubePortSuite(place: () => Place): void {
  kubeContract('a real API server', async () => {
    const { cluster } = place()
    const namespace = `port-${randomUUID().slice(0, 8)}`
    await cluster.kubectl('create', 'namespace', namespace)
    const kube = new HttpsKube(kubeconfigAccess(cluster.kubeconfig))
    return {
      kube,
      namespace,
      undefinedKind: {
        apiVersion: 'nobody.strongroom.dev/v1',
        kind: 'Nothing',
        plural: 'nothings',
        namespaced: true,
      },
      // An API server forgets only what is older than its watch cache, which grows with the load.
      forgottenVersion: undefined,
      [Symbol.asyncDispose]: async () => {
        kube.close()
        await cluster.kubectl('delete', 'namespace', namespace, '--wait=false')
      },
    }
  })
}
