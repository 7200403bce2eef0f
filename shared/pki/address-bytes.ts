/** IP addresses as certificates hold them: 4 or 16 bytes (RFC 5280 section 4.2.1.6). */
import { isIP } from 'node:net'
import { canonicalName } from './names.ts'

/** The bytes of an address. Throws `TypeError` for what is none. */
export function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number))
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [before = [], after = []] = canonical
    .split('::')
    .map((part) => part.split(':').filter((group) => group !== ''))
  const between = Array.from({ length: 8 - before.length - after.length }, () => '0')
  const groups = [...before, ...between, ...after].map((group) => group.padStart(4, '0'))
  return Buffer.from(groups.join(''), 'hex')
}

/** The address of so many bytes, as RFC 5952 writes it. Throws an Error where they are neither 4 nor 16. */
export function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.length !== 16) throw new Error('an address in it has neither 4 nor 16 bytes')
  return canonicalName((bytes.toString('hex').match(/.{4}/g) ?? []).join(':'))
}
