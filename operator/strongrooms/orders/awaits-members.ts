/** Has a first certificate to wait for the members? Only where they are to prove its names: every other proof is given without them. */
import { type StrongroomIssuer, strongroomIssuers } from '#operator/api/issuer.ts'
import { ownIssuer } from '#operator/api/own-issuer.ts'
import type { Strongroom } from '#operator/api/strongroom.ts'
import { isProvenInHandshake } from '#operator/issuers/solvers.ts'
import type { Cache } from '#operator/kube/cache.ts'
import { publicNames } from '../public-names.ts'

/** True only before anything was ordered. An issuer that is not there is said at once, whatever the members do. */
export function awaitsMembers(cluster: Strongroom, cache: Pick<Cache, 'get'>): boolean {
  const { order, publicCertificate } = cluster.status ?? {}
  if (order !== undefined || publicCertificate !== undefined) return false
  const { namespace = '' } = cluster.metadata
  const name = ownIssuer(cluster)?.name ?? ''
  const issuer = cache.get<StrongroomIssuer>(strongroomIssuers, { name, namespace })
  return (
    issuer !== undefined && publicNames(cluster).some((each) => isProvenInHandshake(issuer, each))
  )
}
