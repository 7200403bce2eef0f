/** What cert-manager does wakes the resources that asked for it. */
import { certManagerCertificates, certManagerRequests } from '#operator/kube/kinds.ts'
import type { Kind, KubeObject } from '#operator/kube/kube.ts'
import { type Waking, wakeSource, wakeWhere } from '#operator/kube/wake.ts'
import { requestAnnotation } from './certificate.ts'

/** A resource of the kind wakes with its Certificate and the requests of it; one that `concerns` says so also when cert-manager comes or goes. */
export function wakeWithCertManager<T extends KubeObject>(
  waking: Waking,
  kind: Kind,
  concerns: (resource: T) => boolean,
): void {
  const { cache } = waking
  cache.onObject<KubeObject>(certManagerCertificates, (made) => wakeSource(waking, kind, made))
  cache.onObject<KubeObject>(
    certManagerRequests,
    ({ metadata: { annotations, namespace = '' } }) => {
      const name = annotations?.[requestAnnotation.certificate] ?? ''
      const made = cache.get<KubeObject>(certManagerCertificates, { name, namespace })
      if (made !== undefined) wakeSource(waking, kind, made)
    },
  )
  cache.onPresence(certManagerCertificates, (place) =>
    wakeWhere<T>(waking, { kind, namespace: place === '' ? undefined : place }, concerns),
  )
}
