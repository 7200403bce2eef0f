/** A CA of the user's own as orders see it. */
import type { Authority } from '#operator/issuers/sign.ts'
import { leafDays } from '#operator/limits.ts'
import type { Clock } from '#shared/clock.ts'
import { isSelfSigned, readCertificate, verifyIssuedBy } from '#shared/pki/certificate.ts'
import { issueServerCertificate } from '#shared/pki/issue.ts'
import { certificatePem } from '#shared/pki/pem.ts'
import type { SigningIssuer } from './issuer.ts'

const dayMs = 86_400_000
/** Clocks of clients may be behind. */
const skewMs = 60 * 60 * 1000

export function signingIssuer(
  { certificate, chain, key }: Extract<Authority, { kind: 'usable' }>,
  { now }: Clock,
): SigningIssuer {
  return {
    kind: 'ca',
    keyKind: 'p-256',
    hasSigned: (der) => verifyIssuedBy(readCertificate(der), certificate),
    sign: async (names, keys) => {
      const notAfter = Math.min(now() + leafDays * dayMs, certificate.notAfter)
      const leaf = await issueServerCertificate(
        { certificate, privateKey: key },
        {
          commonName: names[0] ?? '',
          dnsNames: names,
          ipAddresses: [],
          validity: { notBefore: now() - skewMs, notAfter },
          keys,
        },
      )
      const above = [certificate, ...chain]
      const between = above.filter((each) => !isSelfSigned(each))
      return {
        chain: [leaf.certificate, ...between].map(certificatePem).join(''),
        ca: certificatePem(above.at(-1) ?? certificate),
      }
    },
  }
}
