/** Making certificates (RFC 5280): authorities, server and client certificates. */
import { generateKeyPair, type KeyObject, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { octetsOf } from './ber.ts'
import { type Certificate, readCertificate } from './certificate.ts'
import { certificateParts } from './certificate-parts.ts'
import { explicit, sequence, set } from './der.ts'
import { integer, integerOfBytes, oid, time, utf8 } from './der-values.ts'
import { pkiErrors } from './errors.ts'
import {
  authorityKeyIdentifier,
  basicConstraints,
  type Extension,
  extendedKeyUsage,
  extensionList,
  keyIdentifier,
  keyUsage,
  subjectAlternativeName,
  subjectKeyIdentifier,
} from './extensions.ts'
import { commonNameCharactersMax, serialBits } from './limits.ts'
import { algorithmIdentifier, signed } from './signature.ts'

export interface KeyPair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

/** RSA for what RavenDB's client must read; P-256 where only TLS libraries read it. */
export type KeyKind = 'rsa-3072' | 'p-256'

/** Milliseconds since 1970. */
export interface Validity {
  readonly notBefore: number
  readonly notAfter: number
}

/** A certificate with its private key. */
export interface Issued {
  readonly certificate: Certificate
  readonly privateKey: KeyObject
}

export interface ServerSubject {
  /** Left out of the certificate where it has more than 64 characters, as host names may: clients go by the others. */
  readonly commonName: string
  readonly dnsNames: readonly string[]
  readonly ipAddresses: readonly string[]
  readonly validity: Validity
  readonly keys: KeyPair
}

export interface ClientSubject {
  readonly commonName: string
  readonly validity: Validity
  readonly keys: KeyPair
}

const generate = promisify(generateKeyPair)

/** New keys, made on another thread. RSA takes from 50 ms to seconds. */
export function makeKeyPair(kind: KeyKind): Promise<KeyPair> {
  return kind === 'rsa-3072'
    ? generate('rsa', { modulusLength: 3072 })
    : generate('ec', { namedCurve: 'P-256' })
}

/** A certificate that signs itself and may sign others, but no further authorities. */
export async function makeAuthority(subject: ClientSubject): Promise<Issued> {
  return issue(subject, [basicConstraints(true), keyUsage(true)])
}

/** For a server's side of TLS only, signed by its own key. */
export async function selfSignedServerCertificate(
  subject: ServerSubject,
  more: readonly Extension[],
): Promise<Issued> {
  return issueServer(subject, more)
}

/** For a server's side of TLS only. */
export async function issueServerCertificate(
  authority: Issued,
  subject: ServerSubject,
): Promise<Issued> {
  return issueServer(subject, [], authority)
}

/** For a client's side of TLS only. */
export async function issueClientCertificate(
  authority: Issued,
  subject: ClientSubject,
): Promise<Issued> {
  return issue(subject, leafExtensions('client'), authority)
}

function issueServer(
  { commonName, dnsNames, ipAddresses, ...subject }: ServerSubject,
  more: readonly Extension[],
  authority?: Issued,
): Issued {
  const isNamed = [...commonName].length <= commonNameCharactersMax
  const names = subjectAlternativeName([...dnsNames, ...ipAddresses], !isNamed)
  const extensions = [...leafExtensions('server'), names, ...more]
  return issue({ ...subject, ...(isNamed && { commonName }) }, extensions, authority)
}

function leafExtensions(side: 'server' | 'client'): readonly Extension[] {
  return [basicConstraints(false), keyUsage(false), extendedKeyUsage(side)]
}

/** Without an authority it signs itself; without a common name its subject is empty. */
function issue(
  { commonName, validity, keys }: Omit<ClientSubject, 'commonName'> & { commonName?: string },
  extensions: readonly Extension[],
  authority?: Issued,
): Issued {
  demandValidity(validity)
  const subject = commonName === undefined ? sequence() : nameOf(commonName)
  const signingKey = authority?.privateKey ?? keys.privateKey
  const keyId = keyIdentifier(keys.publicKey)
  const issuer = authority === undefined ? undefined : issuerOf(authority.certificate)
  const content = sequence(
    explicit(0, integer(versionThree)),
    integerOfBytes(randomSerial()),
    algorithmIdentifier(signingKey),
    issuer?.name ?? subject,
    sequence(time(validity.notBefore), time(validity.notAfter)),
    subject,
    keys.publicKey.export({ type: 'spki', format: 'der' }),
    explicit(
      3,
      extensionList([
        ...extensions,
        subjectKeyIdentifier(keyId),
        authorityKeyIdentifier(issuer?.keyId ?? keyId),
      ]),
    ),
  )
  const der = signed(content, signingKey)
  return { certificate: readCertificate(der), privateKey: keys.privateKey }
}

const commonNameId = '2.5.4.3'
const versionThree = 2

/** How an authority names itself: both have to be the very bytes of its own certificate. */
function issuerOf({ der, publicKey }: Certificate): {
  readonly name: Buffer
  readonly keyId: Buffer
} {
  const { subject, extension } = certificateParts(der)
  const own = extension(subjectKeyIdentifierId)
  return {
    name: subject.encoded,
    keyId: own === undefined ? keyIdentifier(publicKey) : octetsOf(own),
  }
}

const subjectKeyIdentifierId = '2.5.29.14'

/** Positive, as RFC 5280 demands, and never shorter than its bits. */
function randomSerial(): Buffer {
  const bytes = randomBytes(serialBits / 8)
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return bytes
}

function nameOf(commonName: string): Buffer {
  demandName(commonName)
  return sequence(set(sequence(oid(commonNameId), utf8(commonName))))
}

function demandName(name: string): void {
  const characters = [...name].length
  if (name.trim() === '') throw pkiErrors.CommonNameInvalid('is empty')
  if (characters > commonNameCharactersMax)
    throw pkiErrors.CommonNameInvalid(`has ${characters} characters`)
  if (/\p{Cc}|\p{Cs}/u.test(name)) throw pkiErrors.CommonNameInvalid('holds a control character')
}

function demandValidity({ notBefore, notAfter }: Validity): void {
  if (notBefore < notAfter) return
  throw pkiErrors.ValidityInvalid(
    new Date(notBefore).toISOString(),
    new Date(notAfter).toISOString(),
  )
}
