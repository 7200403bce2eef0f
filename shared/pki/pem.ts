/** PEM texts of certificates and private keys. */
import { createPrivateKey, type KeyObject } from 'node:crypto'
import type { Certificate } from './certificate.ts'
import { pkiErrors } from './errors.ts'

/** One certificate, with a newline at the end. */
export function certificatePem({ der }: Pick<Certificate, 'der'>): string {
  const lines = der.toString('base64').replace(/.{64}(?=.)/g, '$&\n')
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`
}

/**
 * The private key. RSA keys in PKCS#1 (`BEGIN RSA PRIVATE KEY`), the only form that RavenDB's client finds; others in PKCS#8.
 * With a password RSA is encrypted as the old PEM format does it (AES-256, but one round of MD5 makes the key): that format is the only encrypted
 * PKCS#1, so such a file is as strong as its password, and the PFX beside it is the better one to keep.
 */
export function privateKeyPem(key: KeyObject, password?: string): string {
  const type = key.asymmetricKeyType === 'rsa' ? 'pkcs1' : 'pkcs8'
  const options =
    password === undefined || password === ''
      ? ({ type, format: 'pem' } as const)
      : ({ type, format: 'pem', cipher: 'aes-256-cbc', passphrase: password } as const)
  return key.export(options).toString()
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
