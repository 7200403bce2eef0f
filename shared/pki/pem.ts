/** PEM texts of certificates and private keys. */
import { createPrivateKey, type KeyObject } from 'node:crypto'
import type { Certificate } from './certificate.ts'
import { pkiErrors } from './errors.ts'

/** One certificate, with a newline at the end. */
export function certificatePem({ der }: Pick<Certificate, 'der'>): string {
  return pemBlock('CERTIFICATE', der)
}

/** DER under a label (RFC 7468), with a newline at the end. */
export function pemBlock(label: string, der: Buffer): string {
  const lines = der.toString('base64').replace(/.{64}(?=.)/g, '$&\n')
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`
}

/**
 * The private key, unprotected. RSA keys in PKCS#1 (`BEGIN RSA PRIVATE KEY`), the only form that RavenDB's client finds; others in PKCS#8. With a
 * password it is `encryptedKeyPem`'s: PKCS#1 can be encrypted by one round of MD5 only.
 */
export function privateKeyPem(key: KeyObject): string {
  const type = key.asymmetricKeyType === 'rsa' ? 'pkcs1' : 'pkcs8'
  return key.export({ type, format: 'pem' }).toString()
}

/** The first private key of a PEM text. Throws `PrivateKeyUnreadable`. */
export function readPrivateKey(pem: string, password?: string): KeyObject {
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) {
    throw pkiErrors.PrivateKeyUnreadable('there is none in the text')
  }
  try {
    return createPrivateKey({ key: pem, format: 'pem', passphrase: password ?? '' })
  } catch {
    // What OpenSSL says names its own routines, and may quote the input.
    throw pkiErrors.PrivateKeyUnreadable('it is damaged, or encrypted with another password')
  }
}
