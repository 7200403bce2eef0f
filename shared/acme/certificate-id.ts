/** Name of a certificate in ARI (RFC 9773 section 4.1): who issued it, and its number there. */
import { type Asn1, childrenOf, octetsOf, oidOf, parse } from '#shared/pki/ber.ts'
import type { Certificate } from '#shared/pki/certificate.ts'

const authorityKeyIdentifier = '2.5.29.35'
const explicitVersion = 0xa0
const explicitExtensions = 0xa3
const keyIdentifier = 0x80

/** Nothing where the certificate does not say which key signed it: then it has none. */
export function certificateId({ der }: Pick<Certificate, 'der'>): string | undefined {
  const [body] = childrenOf(parse(der))
  const [first, second] = childrenOf(body)
  const serial = first?.tag === explicitVersion ? second : first
  const issuer = issuerKey(childrenOf(body))
  if (serial === undefined || issuer === undefined) return undefined
  return `${issuer.toString('base64url')}.${serial.content.toString('base64url')}`
}

function issuerKey(members: readonly Asn1[]): Buffer | undefined {
  const [extensions] = childrenOf(members.find(({ tag }) => tag === explicitExtensions))
  const found = childrenOf(extensions).find(
    ({ children: [id] }) => oidOf(id) === authorityKeyIdentifier,
  )
  if (found === undefined) return undefined
  const value = parse(octetsOf(found.children.at(-1)))
  return childrenOf(value).find(({ tag }) => tag === keyIdentifier)?.content
}
