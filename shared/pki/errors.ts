/** Errors of reading and making certificates. Both processes use them; texts hold neither keys nor passwords. */
import { defineErrors } from '#shared/errors.ts'

/** RavenDB's answer to a certificate that it cannot use. */
const badArgument = { status: 500, type: 'System.ArgumentException' } as const

export const pkiErrors = defineErrors({
  /** The bytes are no X.509 certificate, hold a key of no known kind, or are too many. */
  CertificateUnreadable: {
    ...badArgument,
    message: (found: string) =>
      `Unable to load the provided certificate: ${found}. Give one certificate as DER or PEM`,
  },
  /** TLS cannot use the key of a certificate: it could be registered, and never connect. */
  CertificateKeyUnusable: {
    status: 400,
    type: 'System.ArgumentException',
    message: (subject: string, found: string, accepted: string) =>
      `Cannot register the certificate "${subject}": ${found}, and no handshake succeeds with it; use ${accepted}`,
  },
  /** No private key in the text, or it is encrypted and the password is wrong. */
  PrivateKeyUnreadable: {
    ...badArgument,
    message: (found: string) =>
      `Unable to read the private key: ${found}. Give it as PEM (PKCS#1, PKCS#8 or SEC 1), with its password if it has one`,
  },
  /** Damaged, made with a cipher nobody should use any more, or the password is wrong. */
  PfxUnreadable: {
    ...badArgument,
    message: (found: string) =>
      `Unable to load the provided certificate: the PFX cannot be read: ${found}`,
  },
  /** A subject's name that is empty, too long, or holds control characters. */
  CommonNameInvalid: {
    ...badArgument,
    message: (found: string) =>
      `Cannot make a certificate: its name ${found}. Use 1 to 64 characters without control characters`,
  },
  /** The end is not after the beginning. */
  ValidityInvalid: {
    ...badArgument,
    message: (notBefore: string, notAfter: string) =>
      `Cannot make a certificate: it would be valid from ${notBefore} to ${notAfter}. Choose an end after the beginning`,
  },
})
