/**
 * Reading certificates. What comes in may come from anybody: sizes are bounded, and whatever cannot be read is a
 * `CertificateUnreadable`. Reading a certificate says nothing about trusting it.
 */
import { createHash, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import { pkiErrors } from './errors.ts'
import { certificateBytesMax, certificatesInFileMax } from './limits.ts'

export interface Certificate {
  readonly der: Buffer
  /** SHA-1 of the DER, 40 upper-case hex digits: RavenDB's name for a certificate. */
  readonly thumbprint: string
  /** SHA-256 of the DER, 64 lower-case hex digits: what identifies it where RavenDB's name need not do. */
  readonly sha256: string
  /** Base64 SHA-256 of the SubjectPublicKeyInfo: the same for every certificate of one key. */
  readonly pin: string
  readonly publicKey: KeyObject
  /** Escaped as in RFC 2253, in the order of the certificate: `CN=shop, O=Acme`. */
  readonly subject: string
  readonly issuer: string
  /** The last common name of the subject as it is, without escapes; empty where there is none. */
  readonly commonName: string
  /** Upper-case hex. */
  readonly serial: string
  readonly dnsNames: readonly string[]
  readonly ipAddresses: readonly string[]
  /** Milliseconds since 1970. */
  readonly notBefore: number
  readonly notAfter: number
  /** Subject and issuer are the same name; who signed it is `verifyIssuedBy`'s question. */
  readonly isSelfIssued: boolean
  /** May sign certificates. */
  readonly isAuthority: boolean
  /** May identify a server: says so, or does not restrict its use. */
  readonly allowsServerAuth: boolean
  /** May identify a client: says so, or does not restrict its use. */
  readonly allowsClientAuth: boolean
}

const serverAuth = '1.3.6.1.5.5.7.3.1'
const clientAuth = '1.3.6.1.5.5.7.3.2'
const anyUsage = '2.5.29.37.0'
const pemBlock = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g

/** One certificate from exactly its DER bytes. Throws `CertificateUnreadable`. */
export function readCertificate(der: Uint8Array): Certificate {
  if (der.length > certificateBytesMax) {
    throw pkiErrors.CertificateUnreadable(
      `it has ${der.length} bytes, at most ${certificateBytesMax} are read`,
    )
  }
  const certificate = readable(() => new X509Certificate(der))
  // OpenSSL would also take PEM, or ignore what follows; the thumbprint must be that of the very bytes.
  if (!certificate.raw.equals(der)) {
    throw pkiErrors.CertificateUnreadable('there is more in it than one certificate in DER')
  }
  return readable(() => describe(certificate))
}

/** All certificates of a PEM text in its order, or the one in DER bytes. Throws `CertificateUnreadable`, also where there is none. */
export function readCertificates(file: Uint8Array): Certificate[] {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength)
  if (!bytes.includes('-----BEGIN ')) return [readCertificate(bytes)]
  if (bytes.length > certificateBytesMax * certificatesInFileMax) {
    throw pkiErrors.CertificateUnreadable(`the file has ${bytes.length} bytes`)
  }
  const blocks = bytes.toString('latin1').match(pemBlock) ?? []
  if (blocks.length === 0)
    throw pkiErrors.CertificateUnreadable('there is no certificate in the PEM text')
  if (blocks.length > certificatesInFileMax) {
    throw pkiErrors.CertificateUnreadable(
      `there are ${blocks.length} certificates, at most ${certificatesInFileMax} are read`,
    )
  }
  return blocks.map((block) =>
    readCertificate(Buffer.from(block.replace(/-----[A-Z ]+-----/g, ''), 'base64')),
  )
}

/**
 * Whether `issuer` signed it: names and key ids fit, `issuer` may sign certificates, and its key verifies the signature.
 * MD5 and SHA-1 signatures count as none. Dates are the caller's question.
 */
export function verifyIssuedBy(certificate: Certificate, issuer: Certificate): boolean {
  const signed = new X509Certificate(certificate.der)
  if (!signed.checkIssued(new X509Certificate(issuer.der)) || hasWeakSignature(signed)) return false
  return signed.verify(issuer.publicKey)
}

/** Whether the signature verifies with its own key: nobody else vouches for it. */
export function isSelfSigned(certificate: Certificate): boolean {
  return (
    certificate.isSelfIssued && new X509Certificate(certificate.der).verify(certificate.publicKey)
  )
}

function hasWeakSignature(certificate: X509Certificate): boolean {
  return /md[245]|sha-?1(?!\d)/i.test(certificate.signatureAlgorithm ?? 'unknown')
}

function readable<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    const reason =
      error instanceof Error && 'reason' in error
        ? String(error.reason)
        : 'its bytes are not understood'
    throw pkiErrors.CertificateUnreadable(reason)
  }
}

function describe(certificate: X509Certificate): Certificate {
  const usages = certificate.keyUsage as readonly string[] | undefined
  const allows = (usage: string): boolean =>
    usages === undefined || usages.includes(usage) || usages.includes(anyUsage)
  const names = alternativeNames(certificate.subjectAltName ?? '')
  const publicKey = certificate.publicKey
  let pin: string | undefined
  return {
    der: certificate.raw,
    thumbprint: createHash('sha1').update(certificate.raw).digest('hex').toUpperCase(),
    sha256: createHash('sha256').update(certificate.raw).digest('hex'),
    // When it is asked for: nothing else here costs as much, and most readers do not ask.
    get pin() {
      pin ??= pinOf(publicKey)
      return pin
    },
    publicKey,
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    commonName: lastCommonName(certificate),
    serial: certificate.serialNumber,
    dnsNames: names.filter(([kind]) => kind === 'DNS').map(([, name]) => name),
    ipAddresses: names.filter(([kind]) => kind === 'IP Address').map(([, name]) => name),
    notBefore: certificate.validFromDate.getTime(),
    notAfter: certificate.validToDate.getTime(),
    isSelfIssued: certificate.subject === certificate.issuer,
    isAuthority: certificate.ca,
    allowsServerAuth: allows(serverAuth),
    allowsClientAuth: allows(clientAuth),
  }
}

/** Node gives one relative name a line, control characters escaped. */
function oneLine(name: string | undefined): string {
  return (name ?? '').split('\n').join(', ')
}

/** Base64 SHA-256 of the SubjectPublicKeyInfo of a key, or of the public half of a private one. */
export function pinOf(key: KeyObject): string {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(spki).digest('base64')
}

/** Names are escaped in text, and several may share a line: then it is asked for once more, which costs more than all the rest. */
function lastCommonName(certificate: X509Certificate): string {
  const lines = (certificate.subject ?? '').split('\n')
  if (!lines.some((line) => /[\\"+]/.test(line))) {
    const name = lines.findLast((line) => line.startsWith('CN='))
    return name?.slice('CN='.length) ?? ''
  }
  const subject = certificate.toLegacyObject().subject as
    | { readonly CN?: string | string[] }
    | undefined
  const names = [subject?.CN ?? ''].flat()
  return names.at(-1) ?? ''
}

/** `DNS:a, IP Address:1.2.3.4, DNS:"odd, name"`: Node quotes names that could pose as two; those are no host's and left out. */
function alternativeNames(text: string): [kind: string, name: string][] {
  const found = text.matchAll(/([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/g)
  return [...found]
    .map(([, kind = '', name = '']): [string, string] => [kind.trim(), name])
    .filter(([, name]) => !name.startsWith('"'))
}
