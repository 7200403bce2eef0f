/** Which of the chains that a CA offers. */
import { readCertificates } from '#shared/pki/certificate.ts'
import { sentChain } from '#shared/pki/chain.ts'
import { canonicalName, isAddress } from '#shared/pki/names.ts'
import { certificatePem } from '#shared/pki/pem.ts'

/** Whether some certificate of the chain was issued by the one of that common name. Throws `CertificateUnreadable`. */
export function isIssuedUnder(chain: string, commonName: string): boolean {
  return readCertificates(Buffer.from(chain)).some((certificate) =>
    certificate.issuer.split(', ').includes(`CN=${commonName}`),
  )
}

/** The chain as it is kept: the leaf first, the others in signing order, nothing between, no root. Throws `CertificateUnreadable`. */
export function tidyChain(chain: string): string {
  const [leaf, ...others] = readCertificates(Buffer.from(chain))
  return leaf === undefined ? '' : sentChain(leaf, others).map(certificatePem).join('')
}

/** An identifier of an order (RFC 8555 section 7.1.3, RFC 8738). */
export function identifierOf(name: string): {
  readonly type: 'dns' | 'ip'
  readonly value: string
} {
  const value = canonicalName(name)
  return { type: isAddress(value) ? 'ip' : 'dns', value }
}
