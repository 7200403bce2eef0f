/** Tokens that a CA may ask for now, and what it is answered: read from the statuses, so that any replica knows them. */
import { type StrongroomIssuer, strongroomIssuers } from '#operator/api/issuer.ts'
import { ownIssuer } from '#operator/api/own-issuer.ts'
import { type Strongroom, strongrooms } from '#operator/api/strongroom.ts'
import type { Cache } from '#operator/kube/cache.ts'
import type { Asked } from './responder.ts'

/** `token "." thumbprint` where some Strongroom presents an HTTP-01 challenge of that token for that host; else nothing. */
export function keyAuthorizationFor(
  cache: Pick<Cache, 'list' | 'get'>,
  { token, host }: Asked,
): string | undefined {
  for (const cluster of cache.list<Strongroom>(strongrooms)) {
    if (!isPresented(cluster, token, host)) continue
    const thumbprint = thumbprintOf(cache, cluster)
    if (thumbprint !== undefined) return `${token}.${thumbprint}`
  }
  return undefined
}

function isPresented({ status }: Strongroom, token: string, host: string): boolean {
  return (status?.order?.authorizations ?? []).some(
    ({ challenge, name }) =>
      challenge?.type === 'http-01' && challenge.token === token && name?.toLowerCase() === host,
  )
}

function thumbprintOf(cache: Pick<Cache, 'get'>, cluster: Strongroom): string | undefined {
  const name = ownIssuer(cluster)?.name
  const { namespace = '' } = cluster.metadata
  const issuer =
    name === undefined
      ? undefined
      : cache.get<StrongroomIssuer>(strongroomIssuers, { name, namespace })
  return issuer?.status?.account?.keyThumbprint
}
