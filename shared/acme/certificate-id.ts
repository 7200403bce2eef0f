/** Name of a certificate in ARI (RFC 9773 section 4.1): who issued it, and its number there. */
import { childrenOf } from '#shared/pki/ber.ts'
import type { Certificate } from '#shared/pki/certificate.ts'
import { certificateParts } from '#shared/pki/certificate-parts.ts'

const authorityKeyIdentifier = '2.5.29.35'
const keyIdentifier = 0x80

/** Nothing where the certificate does not say which key signed it: then it has none. */
export function certificateId({ der }: Pick<Certificate, 'der'>): string | undefined {
  const { serial, extension } = certificateParts(der)
  const issuer = childrenOf(extension(authorityKeyIdentifier)).find(
    ({ tag }) => tag === keyIdentifier,
  )?.content
  if (issuer === undefined) return undefined
  return `${issuer.toString('base64url')}.${serial.toString('base64url')}`
}
