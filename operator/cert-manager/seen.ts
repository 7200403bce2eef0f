/** What the cache holds of cert-manager for one resource of ours. */
import type { Cache } from '#operator/kube/cache.ts'
import { certManagerCertificates, certManagerRequests } from '#operator/kube/kinds.ts'
import type { KubeObject } from '#operator/kube/kube.ts'
import { annotation } from '#operator/kube/labels.ts'
import type { CertManagerCertificate, CertManagerRequest } from './certificate.ts'
import { sourceOf } from './desired.ts'
import { type CertManagerSeen, isRequestOf } from './progress.ts'

/** @param name of the Certificate that is, or was, made for the owner */
export function certManagerSeen(
  cache: Pick<Cache, 'get' | 'list' | 'isPresent'>,
  owner: KubeObject,
  name: string,
): CertManagerSeen {
  const { namespace = '' } = owner.metadata
  const found = cache.get<CertManagerCertificate>(certManagerCertificates, { name, namespace })
  return {
    isPresent: cache.isPresent(certManagerCertificates, namespace),
    certificate: isMadeFor(found, owner) ? found : undefined,
    requests: cache
      .list<CertManagerRequest>(certManagerRequests, namespace)
      .filter((request) => isRequestOf(request, name)),
  }
}

/** True for what was made for that resource, and for the Secret of a Certificate that was. */
export function isMadeFor(object: KubeObject | undefined, owner: KubeObject): boolean {
  return object?.metadata.annotations?.[annotation.source] === sourceOf(owner)
}
