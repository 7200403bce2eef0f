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
