/** The extensions of certificates that we make (RFC 5280 section 4.2), in DER. */
import { createHash, type KeyObject } from 'node:crypto'
import { addressBytes } from './address-bytes.ts'
import { childrenOf, parse } from './ber.ts'
import { bits, implicit, octets, sequence } from './der.ts'
import { integer, oid, truth } from './der-values.ts'
import { canonicalName, isAddress } from './names.ts'

/** An extension with its value in DER. */
export interface Extension {
  readonly oid: string
  readonly critical: boolean
  readonly der: Buffer
}

const usages = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' } as const

/** One after the other, as they stand in a certificate or a request. */
export function extensionList(extensions: readonly Extension[]): Buffer {
  const each = ({ oid: id, critical, der }: Extension) =>
    sequence(oid(id), ...(critical ? [truth()] : []), octets(der))
  return sequence(...extensions.map(each))
}

/** Signs certificates, but none of further authorities; or signs none. */
export function basicConstraints(isAuthority: boolean): Extension {
  const der = isAuthority ? sequence(truth(), integer(0)) : sequence()
  return { oid: '2.5.29.19', critical: true, der }
}

/** What the key is for: to sign certificates and revocation lists, or only what its holder says himself. */
export function keyUsage(isAuthority: boolean): Extension {
  const der = isAuthority
    ? bits(Buffer.from([0b0000_0110]), 1)
    : bits(Buffer.from([0b1000_0000]), 7)
  return { oid: '2.5.29.15', critical: true, der }
}

/** Which side of TLS it is for. */
export function extendedKeyUsage(side: keyof typeof usages): Extension {
  return { oid: '2.5.29.37', critical: false, der: sequence(oid(usages[side])) }
}

/**
 * DNS names, `*.` ones among them, and IP addresses, each once and in canonical form; `critical` where the subject is empty (RFC 5280 section
 * 4.2.1.6). Throws `TypeError` for what is neither.
 */
export function subjectAlternativeName(names: readonly string[], critical = false): Extension {
  const each = [...new Set(names.map(canonicalName))].map(generalName)
  return { oid: '2.5.29.17', critical, der: sequence(...each) }
}

export function subjectKeyIdentifier(id: Buffer): Extension {
  return { oid: '2.5.29.14', critical: false, der: octets(id) }
}

export function authorityKeyIdentifier(id: Buffer): Extension {
  return { oid: '2.5.29.35', critical: false, der: sequence(implicit(0, id)) }
}

/** SHA-1 of the key's bits (RFC 5280 section 4.2.1.2, method 1): a name for it, no proof of anything. */
export function keyIdentifier(key: KeyObject): Buffer {
  const spki = parse(key.export({ type: 'spki', format: 'der' }))
  const bitString = childrenOf(spki)[1]?.content ?? Buffer.alloc(0)
  return createHash('sha1').update(bitString.subarray(1)).digest()
}

function generalName(name: string): Buffer {
  if (isAddress(name)) return implicit(7, addressBytes(name))
  if (!/^[\x21-\x7e]+$/.test(name))
    throw new TypeError(`Cannot put "${name}" into a certificate: it is no DNS name`)
  return implicit(2, Buffer.from(name, 'latin1'))
}
