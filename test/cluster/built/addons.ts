/**
 * What a built cluster has beside Kubernetes itself, in one process: volumes and network policies.
 *
 *   node addons.ts KUBECONFIG VOLUMES DNS-ADDRESS NETWORK-NAMESPACE…
 */
import { kubeconfigAccess } from '#operator/kube/access.ts'
import { Cache } from '#operator/kube/cache.ts'
import { HttpsKube } from '#operator/kube/https-kube.ts'
import { namespaces, persistentVolumeClaims, pods } from '#operator/kube/kinds.ts'
import { randomFraction } from '#shared/random.ts'
import { systemTimers } from '#shared/timers.ts'
import { enforcePolicies, networkPolicies } from './network-policy.ts'
import { persistentVolumes, provisionVolumes } from './provisioner.ts'

const [kubeconfig = '', directory = '', dnsAddress = '', ...networks] = process.argv.slice(2)
const kube = new HttpsKube(kubeconfigAccess(kubeconfig))
const watched = [persistentVolumeClaims, persistentVolumes, pods, namespaces, networkPolicies].map(
  (kind) => ({ kind }),
)
const means = {
  timers: { after: systemTimers.after },
  random: randomFraction,
  backoff: { firstMs: 200, mostMs: 1_000 },
  idleMs: 130_000,
  resyncMs: 3_600_000,
  failed: (error: unknown) => process.stderr.write(`${String(error)}\n`),
}
const cache = new Cache(kube, { watched, namespaces: [] }, means)
provisionVolumes({ cache, kube, directory })
enforcePolicies({ cache, networks, dnsAddress })
await cache.run(new AbortController().signal)
