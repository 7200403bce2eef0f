/** Must another certificate be issued, and why? */
import { verifyIssuedBy } from '#shared/pki/certificate.ts'
import { type RenewalReason, renewalReason } from '#shared/pki/renewal.ts'
import type { Observed } from './observe.ts'
import { signerOf } from './signer.ts'

/** Nothing where the certificate is as declared, ours, and has more than a third of its life left. */
export function reasonAgainst(
  { resource, nowMs, authority }: Observed,
  material: Observed['current'],
): RenewalReason | 'SpecMismatch' | undefined {
  const certificate = material.kind === 'usable' ? material.certificate : undefined
  const keyType = { RSA: 'rsa', ECDSA: 'ec' }[resource.spec.privateKey?.algorithm ?? 'RSA']
  if (certificate !== undefined && certificate.commonName !== resource.spec.commonName)
    return 'SpecMismatch'
  if (certificate !== undefined && certificate.publicKey.asymmetricKeyType !== keyType)
    return 'SpecMismatch'
  return renewalReason({
    certificate,
    nowMs,
    names: [],
    // An issuer whose CA cannot be seen now says nothing against what it signed before.
    isIssuedByUs: (candidate) =>
      authority.kind === 'usable'
        ? verifyIssuedBy(candidate, authority.certificate)
        : signerOf(resource) !== undefined,
  })
}

/**
 * Was the certificate in use taken off the server? Its record was there, for nothing is used before it is registered, and it is gone from
 * the very store that it was in. It is not registered again: another with another key takes its place. That holds for what a Secret
 * kept from a resource of that name before, too.
 */
export function revokedReason({
  current,
  records,
  resource,
  storeId,
}: Observed): 'Revoked' | undefined {
  if (current.kind === 'unusable' || records === undefined) return undefined
  const { thumbprint } = current.certificate
  if (records.some((record) => record.thumbprint === thumbprint)) return undefined
  const { storeId: registeredOn, thumbprint: known } = resource.status ?? {}
  const wasOnAnother = registeredOn !== undefined && registeredOn !== storeId
  return wasOnAnother && known === thumbprint ? undefined : 'Revoked'
}
