/** What a certificate says of itself: its names and uses, from subject and extensions (RFC 5280 sections 4.1.2.6 and 4.2.1). */
import { addressText } from './address-bytes.ts'
import { type Asn1, childrenOf, integerOf, oidOf, sequenceTag } from './ber.ts'
import type { CertificateParts } from './certificate-parts.ts'

export interface CertificateClaims {
  /** The last common name of the subject as it is, without escapes; empty where there is none. */
  readonly commonName: string
  /** Those that are printable ASCII without blanks: others are no host's. */
  readonly dnsNames: readonly string[]
  readonly ipAddresses: readonly string[]
  /** May sign certificates. */
  readonly isAuthority: boolean
  /** May identify a server: says so, or does not restrict its use. */
  readonly allowsServerAuth: boolean
  /** May identify a client: says so, or does not restrict its use. */
  readonly allowsClientAuth: boolean
}

const commonNameId = '2.5.4.3'
const subjectAlternativeName = '2.5.29.17'
const basicConstraints = '2.5.29.19'
const keyUsage = '2.5.29.15'
const extendedKeyUsage = '2.5.29.37'
const serverAuth = '1.3.6.1.5.5.7.3.1'
const clientAuth = '1.3.6.1.5.5.7.3.2'
const anyUsage = '2.5.29.37.0'

const booleanTag = 0x01
const bitStringTag = 0x03
const setTag = 0x31
const dnsNameTag = 0x82
const ipAddressTag = 0x87
/** In the first byte of a key usage: keyCertSign. */
const signsCertificates = 0b0000_0100

/** Throws an Error in words where one of these is damaged: what it allows would be a guess. */
export function claimsOf({ subject, extension }: CertificateParts): CertificateClaims {
  const usages = usagesIn(extension(extendedKeyUsage))
  const allows = (usage: string): boolean =>
    usages === undefined || usages.includes(usage) || usages.includes(anyUsage)
  const names = membersOf(extension(subjectAlternativeName), 'its alternative names')
  const mayIssue = maySign(extension(keyUsage))
  return {
    commonName: commonNamesIn(subject).at(-1) ?? '',
    dnsNames: names.flatMap(dnsNameOf),
    ipAddresses: names.flatMap(ipAddressOf),
    isAuthority: isAuthority(extension(basicConstraints)) && mayIssue,
    allowsServerAuth: allows(serverAuth),
    allowsClientAuth: allows(clientAuth),
  }
}

function membersOf(value: Asn1 | undefined, what: string): readonly Asn1[] {
  if (value !== undefined && value.tag !== sequenceTag) throw new Error(`${what} are damaged`)
  return childrenOf(value)
}

function usagesIn(value: Asn1 | undefined): readonly string[] | undefined {
  return value && membersOf(value, 'its extended key usages').map(oidOf)
}

function dnsNameOf({ tag, content }: Asn1): string[] {
  const name = content.toString('latin1')
  return tag === dnsNameTag && /^[\x21-\x7e]+$/.test(name) && !/[",]/.test(name) ? [name] : []
}

function ipAddressOf({ tag, content }: Asn1): string[] {
  return tag === ipAddressTag ? [addressText(content)] : []
}

function isAuthority(value: Asn1 | undefined): boolean {
  const [first, ...more] = membersOf(value, 'its basic constraints')
  const isSaid = first?.tag === booleanTag
  const [pathLength, ...further] = first === undefined || isSaid ? more : [first, ...more]
  if (pathLength !== undefined) integerOf(pathLength)
  if (further.length > 0 || (isSaid && first.content.length !== 1))
    throw new Error('its basic constraints are damaged')
  return isSaid && first.content[0] !== 0
}

/** A key usage restricts; without one a key may do everything. */
function maySign(value: Asn1 | undefined): boolean {
  if (value === undefined) return true
  const [unused, first] = value.content
  if (value.tag !== bitStringTag || unused === undefined || unused > 7)
    throw new Error('its key usage is damaged')
  return ((first ?? 0) & signsCertificates) !== 0
}

function commonNamesIn(subject: Asn1): string[] {
  return childrenOf(subject).flatMap((relative) => {
    if (relative.tag !== setTag) throw new Error('its subject is damaged')
    return childrenOf(relative).flatMap((attribute) => {
      const [id, value] = membersOf(attribute, 'the parts of its subject')
      return oidOf(id) === commonNameId ? [textOf(value)] : []
    })
  })
}

/** The strings of X.520. */
const textTags: Readonly<Record<number, string>> = {
  12: 'utf-8',
  18: 'latin1',
  19: 'latin1',
  20: 'latin1',
  22: 'latin1',
  26: 'latin1',
  30: 'utf-16be',
}
const universalStringTag = 0x1c

function textOf(value: Asn1 | undefined): string {
  if (value?.tag === universalStringTag) return universalText(value.content)
  const encoding = textTags[value?.tag ?? 0]
  if (value === undefined || encoding === undefined) throw new Error('its common name is no text')
  return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(value.content)
}

/** Four bytes a character; String.fromCodePoint refuses what is none. */
function universalText(bytes: Buffer): string {
  if (bytes.length % 4 !== 0) throw new Error('its common name is no text')
  const points = Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readUInt32BE(at * 4))
  return String.fromCodePoint(...points)
}
