/**
 * Reading certificates. What comes in may come from anybody: sizes are bounded, and whatever cannot be read is a
 * `CertificateUnreadable`. Reading a certificate says nothing about trusting it.
 *
 * Its structure is read here before OpenSSL sees it, which takes dates that do not exist, versions that were never made and extensions that
 * are damaged. Of Node's own reading nothing is used that makes a guess of those, or that ends the process (`toLegacyObject` and
 * `getPeerCertificate` do, where the key cannot be decoded).
 */
import { createHash, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import { type CertificateClaims, claimsOf } from './certificate-claims.ts'
import { type CertificateParts, certificateParts } from './certificate-parts.ts'
import { pkiErrors } from './errors.ts'
import { certificateBytesMax, certificatesInFileMax } from './limits.ts'

export interface Certificate extends CertificateClaims {
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
  /** Upper-case hex. */
  readonly serial: string
  /** Milliseconds since 1970; dates that exist. */
  readonly notBefore: number
  readonly notAfter: number
  /** Subject and issuer are the same name; who signed it is `verifyIssuedBy`'s question. */
  readonly isSelfIssued: boolean
}

const pemBlock = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g

/** One certificate from exactly its DER bytes. Throws `CertificateUnreadable`. */
export function readCertificate(der: Uint8Array): Certificate {
  if (der.length > certificateBytesMax) {
    throw pkiErrors.CertificateUnreadable(
      `it has ${der.length} bytes, at most ${certificateBytesMax} are read`,
    )
  }
  return readable(() => {
    const parts = certificateParts(der)
    const claims = claimsOf(parts)
    const certificate = new X509Certificate(der)
    // What OpenSSL would write differently has two thumbprints.
    if (!certificate.raw.equals(der)) throw new Error('its bytes are not DER')
    return describe(certificate, parts, claims)
  })
}

/** All certificates of a PEM text in its order, or the one in DER bytes. Throws `CertificateUnreadable`, also where there is none. */
export function readCertificates(file: Uint8Array): Certificate[] {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength)
  if (!bytes.includes('-----BEGIN ')) return [readCertificate(bytes)]
  if (bytes.length > certificateBytesMax * certificatesInFileMax) {
    throw pkiErrors.CertificateUnreadable(`the file has ${bytes.length} bytes`)
  }
  const text = bytes.toString('latin1')
  const blocks = text.match(pemBlock) ?? []
  const begun = text.split('-----BEGIN CERTIFICATE-----').length - 1
  if (begun === 0) throw pkiErrors.CertificateUnreadable('there is no certificate in the PEM text')
  if (blocks.length < begun)
    throw pkiErrors.CertificateUnreadable('a certificate in the PEM text is damaged')
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
  const { signatureAlgorithm = 'unknown' } = new X509Certificate(certificate.der)
  return !isWeak(signatureAlgorithm) && isSignedBy(certificate, issuer)
}

/** The same, however weak the signature: it puts certificates in order, and proves nothing. */
export function isSignedBy(certificate: Certificate, issuer: Certificate): boolean {
  const signed = new X509Certificate(certificate.der)
  return signed.checkIssued(new X509Certificate(issuer.der)) && signed.verify(issuer.publicKey)
}

/** Whether the signature verifies with its own key: nobody else vouches for it. */
export function isSelfSigned(certificate: Certificate): boolean {
  return (
    certificate.isSelfIssued && new X509Certificate(certificate.der).verify(certificate.publicKey)
  )
}

/** Whether that private key is the certificate's own. */
export function isKeyOf({ publicKey }: Certificate, privateKey: KeyObject): boolean {
  return createPublicKey(privateKey).equals(publicKey)
}

function isWeak(signatureAlgorithm: string): boolean {
  return /md[245]|sha-?1(?!\d)/i.test(signatureAlgorithm)
}

function readable<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw pkiErrors.CertificateUnreadable(reasonOf(error))
  }
}

/** Our own words, or those of OpenSSL; what else is thrown names routines of ours. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'its bytes are not understood'
  if ('reason' in error) return String(error.reason)
  return error.constructor === Error && !('code' in error)
    ? error.message
    : 'its bytes are not understood'
}

function describe(
  certificate: X509Certificate,
  { notBefore, notAfter }: CertificateParts,
  claims: CertificateClaims,
): Certificate {
  const publicKey = certificate.publicKey
  let pin: string | undefined
  return {
    ...claims,
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
    serial: certificate.serialNumber,
    notBefore,
    notAfter,
    isSelfIssued: certificate.subject === certificate.issuer,
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
