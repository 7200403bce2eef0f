/**
 * Names of servers: how they are written, and which of them a certificate covers. The one answer for the server, the operator and ACME.
 *
 * As RFC 9525 has it, and Node's `tls.checkServerIdentity` and OpenSSL with it: DNS names regardless of case and of a final dot, `*` as the whole
 * first label for exactly one label below at least two, addresses by their bytes, and no common name.
 */
import { isIPv4, isIPv6 } from 'node:net'
import { domainToASCII } from 'node:url'

const nameCharactersMax = 253
const label = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?'
const dnsNamePattern = new RegExp(`^${label}(\\.${label})*$`)

/** What a certificate says it is for. */
export interface NamedCertificate {
  readonly dnsNames: readonly string[]
  readonly ipAddresses: readonly string[]
}

/** True for an IPv4 or IPv6 address, without brackets and zone: what a certificate can hold. */
export function isAddress(name: string): boolean {
  return isIPv4(name) || (isIPv6(name) && !name.includes('%'))
}

/**
 * True for a DNS name in ASCII, lower case (RFC 1123): labels of 1 to 63 characters, 253 in all; `*.` may stand before it. Nothing that ends in a
 * number: URLs take that for an address.
 */
export function isDnsName(name: string): boolean {
  const plain = name.replace(/^\*\./, '')
  return name.length <= nameCharactersMax && dnsNamePattern.test(plain) && !endsInNumber(plain)
}

/**
 * One way to write a name: lower case, letters of other scripts in punycode, no brackets, no final dot; IPv6 addresses as RFC 5952 has them. What is
 * no name at all stays what it is, in lower case.
 */
export function canonicalName(name: string): string {
  const plain = name.replace(/^\[(.*)\]$/s, '$1')
  if (isAddress(plain)) return canonicalAddress(plain)
  const lower = asciiLower(plain).replace(/\.$/, '')
  // `domainToASCII` leaves out line breaks and tabs.
  const isInternational = /[^\x21-\x7e]/.test(lower) && !/[\s\p{Cc}]/u.test(lower)
  return isInternational ? domainToASCII(lower) || lower : lower
}

/** True where those names, of a certificate or of an order, cover that host or address; a `*.` host is covered by itself only. */
export function namesCover(names: readonly string[], host: string): boolean {
  const wanted = canonicalName(host)
  return names.some((name) => covering(canonicalName(name), wanted))
}

/** True where the certificate is good for that host name or address. */
export function covers({ dnsNames, ipAddresses }: NamedCertificate, host: string): boolean {
  const isForAddress = isAddress(canonicalName(host))
  return namesCover(isForAddress ? ipAddresses : dnsNames, host)
}

function covering(pattern: string, host: string): boolean {
  if (isAddress(host)) return pattern === host
  if (endsInNumber(host)) return false
  if (pattern === host) return hasOnlyWholeLabels(pattern)
  if (!pattern.startsWith('*.')) return false
  const below = pattern.slice('*.'.length)
  const dot = host.indexOf('.')
  return (
    dot > 0 && below.includes('.') && hasOnlyWholeLabels(below) && host.slice(dot + 1) === below
  )
}

function endsInNumber(name: string): boolean {
  return /(^|\.)(\d+|0x[0-9a-f]*)$/.test(name)
}

function hasOnlyWholeLabels(name: string): boolean {
  return name.split('.').every((part) => part !== '')
}

/** Of an IPv4 address in IPv6, too: there RFC 5952 section 5 keeps the dots. */
function canonicalAddress(address: string): string {
  if (isIPv4(address)) return address
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical) ?? []
  if (high === undefined || low === undefined) return canonical
  const bytes = [high, low].flatMap((group) => [...Buffer.from(group.padStart(4, '0'), 'hex')])
  return `::ffff:${bytes.join('.')}`
}

/** Of ASCII letters only, as DNS compares them: no other letter becomes one of them. */
function asciiLower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}
