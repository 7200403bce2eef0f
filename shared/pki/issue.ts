/**
 * Making certificates: authorities, server and client certificates.
 *
 * The libraries are loaded when the first one is made: most starts of a server make none, and loading takes a quarter of a second.
 */
import { generateKeyPair, type KeyObject, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { type Certificate, readCertificate } from './certificate.ts'
import { pkiErrors } from './errors.ts'
import { commonNameCharactersMax, serialBits } from './limits.ts'

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
export async function makeAuthority({
  commonName,
  validity,
  keys,
}: ClientSubject): Promise<Issued> {
  const x509 = await library()
  const extensions = [
    new x509.BasicConstraintsExtension(true, 0, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
  ]
  return issue({ commonName, validity, keys, extensions, signingKey: keys.privateKey })
}

/** An extension that the libraries do not know: its value in DER. */
export interface RawExtension {
  readonly oid: string
  readonly critical: boolean
  readonly der: Buffer
}

/** For a server's side of TLS only, signed by its own key. */
export async function selfSignedServerCertificate(
  subject: ServerSubject,
  more: readonly RawExtension[],
): Promise<Issued> {
  const x509 = await library()
  const extensions = [
    ...serverExtensions(x509, subject),
    ...more.map(({ oid, critical, der }) => new x509.Extension(oid, critical, new Uint8Array(der))),
  ]
  return issue({ ...subject, extensions, signingKey: subject.keys.privateKey })
}

/** For a server's side of TLS only. */
export async function issueServerCertificate(
  authority: Issued,
  subject: ServerSubject,
): Promise<Issued> {
  return issueFrom(authority, subject, serverExtensions(await library(), subject))
}

/** For a client's side of TLS only. */
export async function issueClientCertificate(
  authority: Issued,
  subject: ClientSubject,
): Promise<Issued> {
  return issueFrom(authority, subject, leafExtensions(await library(), '1.3.6.1.5.5.7.3.2'))
}

type Library = typeof import('@peculiar/x509')
type Extensions = InstanceType<Library['Extension']>[]
type CryptoKey = ReturnType<KeyObject['toCryptoKey']>

/** Loaded when it is needed. */
export async function library(): Promise<Library> {
  await import('reflect-metadata')
  return import('@peculiar/x509')
}

function serverExtensions(x509: Library, { dnsNames, ipAddresses }: ServerSubject): Extensions {
  const names = [
    ...dnsNames.map((value) => ({ type: 'dns', value }) as const),
    ...ipAddresses.map((value) => ({ type: 'ip', value }) as const),
  ]
  return [
    ...leafExtensions(x509, '1.3.6.1.5.5.7.3.1'),
    new x509.SubjectAlternativeNameExtension(names),
  ]
}

function leafExtensions(x509: Library, usage: string): Extensions {
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([usage]),
  ]
}

async function issueFrom(
  authority: Issued,
  subject: ClientSubject,
  extensions: Extensions,
): Promise<Issued> {
  const x509 = await library()
  const issuer = new x509.X509Certificate(authority.certificate.der)
  return issue({ ...subject, extensions, issuer, signingKey: authority.privateKey })
}

interface Order extends ClientSubject {
  /** Nothing: it signs itself. */
  readonly issuer?: InstanceType<Library['X509Certificate']>
  readonly signingKey: KeyObject
  readonly extensions: Extensions
}

async function issue(order: Order): Promise<Issued> {
  const { commonName, validity, keys, issuer, signingKey } = order
  demandName(commonName)
  demandValidity(validity)
  const x509 = await library()
  const publicKey = cryptoKey(keys.publicKey, 'verify')
  const subject = new x509.Name([{ CN: [{ utf8String: commonName }] }])
  const keyId = await x509.SubjectKeyIdentifierExtension.create(publicKey)
  const issuerKeyId = issuer?.getExtension(x509.SubjectKeyIdentifierExtension) ?? keyId
  const made = await x509.X509CertificateGenerator.create({
    serialNumber: randomSerial(),
    subject,
    issuer: issuer?.subjectName ?? subject,
    notBefore: new Date(validity.notBefore),
    notAfter: new Date(validity.notAfter),
    publicKey,
    signingKey: cryptoKey(signingKey, 'sign'),
    signingAlgorithm: signingAlgorithmOf(signingKey),
    extensions: [
      ...order.extensions,
      keyId,
      new x509.AuthorityKeyIdentifierExtension(issuerKeyId.keyId),
    ],
  })
  return { certificate: readCertificate(Buffer.from(made.rawData)), privateKey: keys.privateKey }
}

function algorithmOf(key: KeyObject) {
  if (key.asymmetricKeyType === 'rsa') return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  const curve = key.asymmetricKeyDetails?.namedCurve
  return { name: 'ECDSA', namedCurve: curve === 'prime256v1' ? 'P-256' : 'P-384' }
}

/** With SHA-256. */
export function signingAlgorithmOf(key: KeyObject) {
  return { name: algorithmOf(key).name, hash: 'SHA-256' }
}

export function cryptoKey(key: KeyObject, usage: 'sign' | 'verify'): CryptoKey {
  return key.toCryptoKey(algorithmOf(key), true, [usage])
}

/** Positive, as RFC 5280 demands, and never shorter than its bits. */
function randomSerial(): string {
  const bytes = randomBytes(serialBits / 8)
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return bytes.toString('hex')
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
