/** What can be seen of an issuer without asking anybody: is it there, and did its own controller find it usable. */
import { type StrongroomIssuer, strongroomIssuers } from '#operator/api/issuer.ts'
import type { Strongroom } from '#operator/api/strongroom.ts'
import type { Cache } from '#operator/kube/cache.ts'
import type { UnusableIssuer } from './issuer.ts'

/** Why nothing could be asked of the issuer; nothing where nothing is known to stand in the way. */
export function issuerTrouble(
  cache: Pick<Cache, 'get'>,
  { metadata: { namespace = '' } }: Strongroom,
  name: string,
): UnusableIssuer | undefined {
  const issuer = cache.get<StrongroomIssuer>(strongroomIssuers, { name, namespace })
  if (issuer === undefined) return issuerNotFound(name)
  const ready = issuer.status?.conditions?.find(({ type }) => type === 'Ready')
  return ready?.status === 'False'
    ? unusable('IssuerNotReady', `StrongroomIssuer "${name}": ${ready.message}`)
    : undefined
}

export function issuerNotFound(name: string): UnusableIssuer {
  return unusable('IssuerNotFound', `There is no StrongroomIssuer "${name}" in this namespace`)
}

export function unusable(reason: string, message: string): UnusableIssuer {
  return { kind: 'unusable', reason, message }
}
