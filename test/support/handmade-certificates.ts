/** Certificates of any content, properly signed: such as no issuer should make, and some do. */

import { explicit, octets, sequence, set, tagged } from '#shared/pki/der.ts'
import { integer, oid, time, truth, utf8 } from '#shared/pki/der-values.ts'
import { basicConstraints, subjectAlternativeName } from '#shared/pki/extensions.ts'
import type { KeyPair } from '#shared/pki/issue.ts'
import { algorithmIdentifier, signed } from '#shared/pki/signature.ts'
import { year2026 } from './certificates.ts'

const yearMs = 365 * 24 * 60 * 60 * 1000

/** What differs from an ordinary self-signed certificate for `localhost`, in DER. */
export interface Oddities {
  /** What stands before the serial number. */
  readonly version?: Buffer
  readonly serial?: Buffer
  readonly algorithm?: Buffer
  readonly issuer?: Buffer
  readonly notBefore?: Buffer
  readonly notAfter?: Buffer
  readonly subject?: Buffer
  readonly key?: Buffer
  /** Everything behind the key. */
  readonly rest?: Buffer
}

export function handmade(keys: KeyPair, odd: Oddities = {}): Buffer {
  const subject = odd.subject ?? nameOf(utf8('localhost'))
  const content = sequence(
    odd.version ?? explicit(0, integer(2)),
    odd.serial ?? integer(7),
    odd.algorithm ?? algorithmIdentifier(keys.privateKey),
    odd.issuer ?? subject,
    sequence(odd.notBefore ?? time(year2026), odd.notAfter ?? time(year2026 + yearMs)),
    subject,
    odd.key ?? keys.publicKey.export({ type: 'spki', format: 'der' }),
    odd.rest ?? withExtensions(extension('2.5.29.19', basicConstraints(true).der), localhost()),
  )
  return signed(content, keys.privateKey)
}

/** A Name of one common name. */
export function nameOf(value: Buffer): Buffer {
  return sequence(set(sequence(oid('2.5.4.3'), value)))
}

export function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(oid(id), ...(critical ? [truth()] : []), octets(value))
}

export function withExtensions(...extensions: readonly Buffer[]): Buffer {
  return explicit(3, sequence(...extensions))
}

export function utcTime(text: string): Buffer {
  return tagged(0x17, Buffer.from(text, 'latin1'))
}

export function generalizedTime(text: string): Buffer {
  return tagged(0x18, Buffer.from(text, 'latin1'))
}

/** Times that are none, by what is wrong with them. */
export const impossibleTimes: Readonly<Record<string, Buffer>> = {
  '30 February': utcTime('270230120000Z'),
  '29 February of a common year': utcTime('270229120000Z'),
  '29 February 1900': generalizedTime('19000229000000Z'),
  '31 April': utcTime('270431120000Z'),
  'month 13': utcTime('271301120000Z'),
  'month 0': utcTime('270001120000Z'),
  'day 0': utcTime('270100120000Z'),
  'day 32': utcTime('270132120000Z'),
  'hour 24': utcTime('270101240000Z'),
  'minute 60': utcTime('270101126000Z'),
  'second 60': utcTime('270101120060Z'),
  'no seconds': utcTime('2701011200Z'),
  'an offset': utcTime('270101120000+0100'),
  'no zone': utcTime('270101120000'),
  'four digits of the year in a UTCTime': utcTime('20270101120000Z'),
  'two digits of the year in a GeneralizedTime': generalizedTime('270101120000Z'),
  fractions: generalizedTime('20270101120000.5Z'),
  'the year 0': generalizedTime('00000101000000Z'),
  'five digits of the year': generalizedTime('100000101000000Z'),
  letters: utcTime('27o101120000Z'),
  'a sign': utcTime('27-101120000Z'),
  blanks: utcTime('27 101120000Z'),
  'a NUL': utcTime('270101120000\0'),
  nothing: utcTime(''),
  'another type': tagged(0x13, Buffer.from('270101120000Z')),
}

function localhost(): Buffer {
  const { oid: id, der } = subjectAlternativeName(['localhost', '127.0.0.1'])
  return extension(id, der)
}
