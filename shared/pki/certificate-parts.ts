/** The parts of a certificate that Node does not hand out (RFC 5280 section 4.1), from its DER. */
import { type Asn1, childrenOf, octetsOf, oidOf, parse } from './ber.ts'

/** What everything else in it is preceded by, where it says its version: the first version does not. */
const versionTag = 0xa0
const extensionsTag = 0xa3

export interface CertificateParts {
  /** Of its INTEGER: with a leading zero where the first bit is set. */
  readonly serial: Buffer | undefined
  /** The Name of its subject, whole. */
  readonly subject: Buffer | undefined
  /** The value of an extension, parsed; nothing where it has none of that id. */
  readonly extension: (id: string) => Asn1 | undefined
}

/** What is not there is left out: whether the bytes are a certificate is `readCertificate`'s question. */
export function certificateParts(der: Uint8Array): CertificateParts {
  const members = childrenOf(childrenOf(parse(der))[0])
  const [serial, , , , subject] = members[0]?.tag === versionTag ? members.slice(1) : members
  const [extensions] = childrenOf(members.find(({ tag }) => tag === extensionsTag))
  return {
    serial: serial?.content,
    subject: subject?.encoded,
    extension: (id) => {
      const found = childrenOf(extensions).find(({ children: [own] }) => oidOf(own) === id)
      return found && parse(octetsOf(found.children.at(-1)))
    },
  }
}
