/**
 * Signatures that were verified already, each once: whoever comes again and again with the same certificate costs one. Bounded; the
 * one that was asked for longest ago is forgotten.
 */
import { verifiedSignaturesMax } from '#server/limits.ts'
import { type Certificate, verifyIssuedBy } from '#shared/pki/certificate.ts'

/** Whether the second one signed the first: `verifyIssuedBy`, or something that remembers what that said. */
export type Verify = (certificate: Certificate, issuer: Certificate) => boolean

export function rememberedVerification(
  verify: Verify = verifyIssuedBy,
  most = verifiedSignaturesMax,
): Verify {
  const known = new Map<string, boolean>()
  return (certificate, issuer) => {
    // SHA-256 of all their bytes: nobody finds two certificates of one.
    const key = certificate.sha256 + issuer.sha256
    const isSigned = known.get(key) ?? verify(certificate, issuer)
    known.delete(key)
    known.set(key, isSigned)
    if (known.size > most) known.delete(known.keys().next().value ?? '')
    return isSigned
  }
}
