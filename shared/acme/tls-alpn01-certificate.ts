/**
 * What is shown to a CA that asks a name by TLS-ALPN-01 (RFC 8737 section 3): a certificate for that one name, signed by its own key,
 * with the digest of the key authorization in a critical extension. For an address see RFC 8738 section 6.
 */
import { createHash } from 'node:crypto'
import { isIP } from 'node:net'
import { addressBytes } from '#shared/pki/address-bytes.ts'
import { octets } from '#shared/pki/der.ts'
import { type Issued, makeKeyPair, selfSignedServerCertificate } from '#shared/pki/issue.ts'

/** The only protocol that such a handshake may name. */
export const acmeProtocol = 'acme-tls/1'

/** id-pe-acmeIdentifier. */
const acmeIdentifier = '1.3.6.1.5.5.7.1.31'
const dayMs = 24 * 60 * 60 * 1000

export interface ShownProof {
  /** DNS name, or an address. */
  readonly name: string
  readonly keyAuthorization: string
  /** Milliseconds since 1970. */
  readonly now: number
}

export async function tlsAlpn01Certificate(proof: ShownProof): Promise<Issued> {
  const { name, keyAuthorization, now } = proof
  const isAddress = isIP(name) > 0
  return selfSignedServerCertificate(
    {
      commonName: 'ACME challenge',
      dnsNames: isAddress ? [] : [name],
      ipAddresses: isAddress ? [name] : [],
      validity: { notBefore: now - dayMs, notAfter: now + dayMs },
      keys: await makeKeyPair('p-256'),
    },
    [{ oid: acmeIdentifier, critical: true, der: proofOf(keyAuthorization) }],
  )
}

/** What the extension holds: the digest as an OCTET STRING. */
export function proofOf(keyAuthorization: string): Buffer {
  return octets(createHash('sha256').update(keyAuthorization).digest())
}

/** The name by which the CA asks: lower case, and of an address the one that leads back to it (RFC 8738 section 6). */
export function askedName(name: string): string {
  const family = isIP(name)
  if (family === 0) return name.toLowerCase()
  if (family === 4) return `${name.split('.').toReversed().join('.')}.in-addr.arpa`
  return `${[...addressBytes(name).toString('hex')].toReversed().join('.')}.ip6.arpa`
}
