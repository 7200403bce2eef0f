/** The order in which certificates are sent: each signed by the one that follows it (RFC 5246 section 7.4.2, RFC 8555 section 9.1). */
import type { KeyObject } from 'node:crypto'
import { type Certificate, isKeyOf, isSelfSigned, isSignedBy } from './certificate.ts'

/** What a server sends: as `signingOrder`, and without the root, which whoever trusts it has. */
export function sentChain(
  certificate: Certificate,
  others: readonly Certificate[],
): readonly Certificate[] {
  const [own = certificate, ...above] = signingOrder(certificate, others)
  return [own, ...above.filter((each) => !isSelfSigned(each))]
}

/** The certificate first, then whoever signed it, and so on as far as the others go. What has no part in it is left out. */
export function signingOrder(
  certificate: Certificate,
  others: readonly Certificate[],
): readonly Certificate[] {
  const chain = [certificate]
  const left = new Set(others.filter(({ sha256 }) => sha256 !== certificate.sha256))
  for (let last = certificate; ; ) {
    const issuer = [...left].find((other) => isSignedBy(last, other))
    if (issuer === undefined) return chain
    left.delete(issuer)
    chain.push(issuer)
    last = issuer
  }
}

/** Whose key it is, and the others: files are in any order. The first one where it is nobody's. */
export function ownFirst(
  certificates: readonly Certificate[],
  privateKey: KeyObject,
): readonly [own: Certificate | undefined, others: readonly Certificate[]] {
  const own = certificates.find((each) => isKeyOf(each, privateKey)) ?? certificates[0]
  return [own, certificates.filter((each) => each !== own)]
}
