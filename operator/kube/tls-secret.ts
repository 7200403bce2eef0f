/** A Secret of type kubernetes.io/tls: reading it with every check that its use needs, and writing one. */
import { createHash, type KeyObject } from 'node:crypto'
import { type Certificate, isKeyOf, readCertificates } from '#shared/pki/certificate.ts'
import { ownFirst, signingOrder } from '#shared/pki/chain.ts'
import type { Issued } from '#shared/pki/issue.ts'
import { certificatePem, privateKeyPem, readPrivateKey } from '#shared/pki/pem.ts'
import { type Secret, secretData, secretText } from './secret.ts'

/** What was found in a Secret: a certificate with its chain and key, or why not. */
export type TlsMaterial =
  | {
      readonly kind: 'usable'
      readonly certificate: Certificate
      /** Whoever signed it, in that order, up to the root where it is there. */
      readonly chain: readonly Certificate[]
      /** Of the certificate: both have the same pin. */
      readonly key: KeyObject
    }
  | {
      readonly kind: 'unusable'
      readonly reason: 'SecretNotFound' | 'SecretInvalid' | 'KeyMismatch'
      readonly message: string
    }

export function tlsMaterial(secret: Secret | undefined, name: string): TlsMaterial {
  if (secret === undefined)
    return {
      kind: 'unusable',
      reason: 'SecretNotFound',
      message: `Secret "${name}" does not exist`,
    }
  const pem = secretText(secret, 'tls.crt')
  const keyPem = secretText(secret, 'tls.key')
  if (pem === '' || keyPem === '')
    return {
      kind: 'unusable',
      reason: 'SecretInvalid',
      message: `Secret "${name}" lacks tls.crt or tls.key`,
    }
  try {
    const key = readPrivateKey(keyPem)
    const [certificate, others] = ownFirst(readCertificates(Buffer.from(pem)), key)
    if (certificate === undefined)
      return {
        kind: 'unusable',
        reason: 'SecretInvalid',
        message: `tls.crt of Secret "${name}" holds no certificate`,
      }
    if (!isKeyOf(certificate, key))
      return {
        kind: 'unusable',
        reason: 'KeyMismatch',
        message: `tls.key of Secret "${name}" is not the key of its certificate`,
      }
    const [, ...chain] = signingOrder(certificate, others)
    return { kind: 'usable', certificate, chain, key }
  } catch (error) {
    return {
      kind: 'unusable',
      reason: 'SecretInvalid',
      message: `Secret "${name}" cannot be used: ${error instanceof Error ? error.message : String(error)}`,
    }
  }
}

/** `data` of a TLS Secret; `ca` is what verifies the certificate, left out where the world does. */
export function tlsData(
  { certificate, privateKey }: Issued,
  { chain = [], ca }: { readonly chain?: readonly Certificate[]; readonly ca?: string } = {},
): Record<string, string> {
  return secretData({
    'tls.crt': [certificate, ...chain].map(certificatePem).join(''),
    'tls.key': privateKeyPem(privateKey),
    ...(ca === undefined ? {} : { 'ca.crt': ca }),
  })
}

/** SHA-256 of a certificate, lower-case hex: how status names it. */
export function sha256Of({ der }: Pick<Certificate, 'der'>): string {
  return createHash('sha256').update(der).digest('hex')
}
