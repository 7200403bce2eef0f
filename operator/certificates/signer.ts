/** Who signs a client certificate by our hand: the client CA of its cluster, or a `ca` issuer that the resource names. */
import type { StrongroomCertificate } from '#operator/api/certificate.ts'
import { certManagerIssuer } from '#operator/api/common.ts'
import { type StrongroomIssuer, strongroomIssuers } from '#operator/api/issuer.ts'
import { names } from '#operator/api/names.ts'
import { type Authority, authorityOf, signingSecret } from '#operator/issuers/sign.ts'
import type { Cache } from '#operator/kube/cache.ts'
import { secrets } from '#operator/kube/kinds.ts'
import type { Secret } from '#operator/kube/secret.ts'
import { tlsMaterial } from '#operator/kube/tls-secret.ts'

/** Name of the StrongroomIssuer that the resource names; nothing where another signs. */
export function signerOf({ spec }: Pick<StrongroomCertificate, 'spec'>): string | undefined {
  return certManagerIssuer(spec.issuerRef) === undefined ? spec.issuerRef?.name : undefined
}

export interface Signer {
  readonly authority: Authority
  /** The Secret of a user's with the CA; nothing where the cluster's own signs. */
  readonly signingSecret: string | undefined
}

/** @param secret reads one of the resource's namespace: the users' own are not in the cache */
export async function signerFor(
  resource: StrongroomCertificate,
  { cache, nowMs }: { readonly cache: Cache; readonly nowMs: number },
  secret: (issuer: StrongroomIssuer, name: string) => Promise<Secret | undefined>,
): Promise<Signer> {
  const { namespace = '' } = resource.metadata
  const issuerName = signerOf(resource)
  if (issuerName === undefined) {
    const name = names.clientAuthority(resource.spec.clusterRef.name)
    const own = cache.get<Secret>(secrets, { name, namespace })
    return { authority: tlsMaterial(own, name), signingSecret: undefined }
  }
  const issuer = cache.get<StrongroomIssuer>(strongroomIssuers, { name: issuerName, namespace })
  const name = issuer && signingSecret(issuer)
  const found = issuer === undefined || name === undefined ? undefined : await secret(issuer, name)
  return { authority: authorityOf(issuer, found, nowMs), signingSecret: name }
}
