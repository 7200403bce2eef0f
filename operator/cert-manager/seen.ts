/** What the cache holds of cert-manager for one resource of ours. */
import type { Cache } from '#operator/kube/cache.ts'
import { certManagerCertificates, certManagerRequests } from '#operator/kube/kinds.ts'
import type { KubeObject } from '#operator/kube/kube.ts'
import { isOwn } from '#operator/kube/ownership.ts'
import type { CertManagerCertificate, CertManagerRequest } from './certificate.ts'
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
    certificate: isOwn(found, owner) ? found : undefined,
    requests: cache
      .list<CertManagerRequest>(certManagerRequests, namespace)
      .filter((request) => isRequestOf(request, name)),
  }
}
