/** The parts of a certificate (RFC 5280 section 4.1) that Node does not hand out, or not without a guess, from its DER. */
import { timeOf } from './asn1-time.ts'
import { type Asn1, octetsOf, oidOf, parseDer, sequenceTag } from './ber.ts'

const integerTag = 0x02
const bitStringTag = 0x03
const octetStringTag = 0x04
const booleanTag = 0x01
const versionTag = 0xa0
const uniqueIdTags = [0x81, 0x82]
const extensionsTag = 0xa3
const versionThree = 2

export interface CertificateParts {
  /** Of its INTEGER: with a leading zero where the first bit is set. */
  readonly serial: Buffer
  /** Names, whole. */
  readonly issuer: Asn1
  readonly subject: Asn1
  /** Milliseconds since 1970. */
  readonly notBefore: number
  readonly notAfter: number
  /** The value of an extension, parsed; nothing where it has none of that id. Throws an Error where the value is not DER. */
  readonly extension: (id: string) => Asn1 | undefined
}

/** Of exactly its DER. Throws an Error in words for what is no certificate, or not written as RFC 5280 has it. */
export function certificateParts(der: Uint8Array): CertificateParts {
  const [content, outer, signature, ...more] = membersOf(parseDer(der), 'it')
  if (signature?.tag !== bitStringTag || more.length > 0) throw new Error('it is no certificate')
  const members = membersOf(content, 'its content')
  const version = versionOf(members[0])
  const [serial, algorithm, issuer, validity, subject, key, ...optional] =
    members[0]?.tag === versionTag ? members.slice(1) : members
  if (algorithm === undefined || outer === undefined || !algorithm.encoded.equals(outer.encoded))
    throw new Error('it names two signature algorithms')
  if (serial?.tag !== integerTag || serial.content.length === 0)
    throw new Error('its serial number is missing')
  membersOf(key, 'its public key')
  const [notBefore, notAfter, ...times] = membersOf(validity, 'its validity')
  if (times.length > 0) throw new Error('its validity has more than two times')
  const extensions = extensionsIn(optional, version)
  return {
    serial: serial.content,
    issuer: nameOf(issuer, 'its issuer'),
    subject: nameOf(subject, 'its subject'),
    notBefore: timeOf(notBefore),
    notAfter: timeOf(notAfter),
    extension: (id) => {
      const value = extensions.get(id)
      return value && parseDer(value)
    },
  }
}

function membersOf(value: Asn1 | undefined, what: string): readonly Asn1[] {
  if (value?.tag !== sequenceTag) throw new Error(`${what} is no sequence`)
  return value.children
}

/** 0, 1 or 2 for the versions 1 to 3. */
function versionOf(first: Asn1 | undefined): number {
  if (first?.tag !== versionTag) return 0
  const [value, ...more] = first.children
  const version =
    value?.tag === integerTag && value.content.length === 1 ? value.content[0] : undefined
  if (version === undefined || version > versionThree || more.length > 0)
    throw new Error('it is of a version that is not known')
  return version
}

function nameOf(name: Asn1 | undefined, what: string): Asn1 {
  membersOf(name, what)
  return name as Asn1
}

/** Values by id. Two of one id, and any in a version that has none, are refused: programs disagree on what they mean. */
function extensionsIn(optional: readonly Asn1[], version: number): ReadonlyMap<string, Buffer> {
  const [list, ...more] = optional.filter(({ tag }) => !uniqueIdTags.includes(tag))
  if (list === undefined) return new Map()
  if (list.tag !== extensionsTag || version !== versionThree || more.length > 0)
    throw new Error('there is something in it that its version does not have')
  const all = membersOf(list.children[0], 'the list of its extensions').map(idAndValue)
  const found = new Map(all)
  if (found.size < all.length) throw new Error('it has an extension twice')
  return found
}

function idAndValue(extension: Asn1): readonly [id: string, value: Buffer] {
  const [id, ...rest] = membersOf(extension, 'an extension')
  const [value, ...more] = rest[0]?.tag === booleanTag ? rest.slice(1) : rest
  if (value?.tag !== octetStringTag || more.length > 0) throw new Error('an extension is damaged')
  return [oidOf(id), octetsOf(value)]
}
