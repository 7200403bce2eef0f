/** Making a client certificate: key pair, certificate of the client authority, and the archive that its owner gets. Nothing of the key stays here. */
import { accessErrors } from '#server/access/errors.ts'
import { clientCertificateDaysDefault, clientCertificateDaysMax } from '#server/limits.ts'
import { type Issued, issueClientCertificate, makeKeyPair } from '#shared/pki/issue.ts'
import { certificatePem, privateKeyPem } from '#shared/pki/pem.ts'
import { encryptedKeyPem, writePfx } from '#shared/pki/pfx-write.ts'
import { safeFileName, zip } from '#shared/pki/zip.ts'

export interface Order {
  readonly name: string
  /** When it begins, in milliseconds since 1970; a day ago where left out, since clocks differ. */
  readonly validFrom?: number
  /** When it ends; in five years where left out. */
  readonly validUntil?: number
  readonly now: number
}

const dayMs = 24 * 60 * 60 * 1000

/** RSA, because RavenDB's client presents nothing else from PEM. Throws `CertificateLifetimeInvalid`, `CommonNameInvalid`. */
export async function generateCertificate(
  authority: Issued,
  { name, now, validFrom = now - dayMs, validUntil }: Order,
): Promise<Issued> {
  const end = validUntil ?? now + clientCertificateDaysDefault * dayMs
  const isWithin = end > now && end <= now + clientCertificateDaysMax * dayMs
  if (!isWithin || validFrom >= end) {
    throw accessErrors.CertificateLifetimeInvalid(
      new Date(validFrom).toISOString(),
      new Date(end).toISOString(),
      clientCertificateDaysMax,
    )
  }
  const validity = { notBefore: validFrom, notAfter: end }
  const keys = await makeKeyPair('rsa-3072')
  return issueClientCertificate(authority, { commonName: name, validity, keys })
}

/** `<name>.pfx`, `<name>.crt` and `<name>.key`; both that hold the key are protected, by the same rounds, where there is a password: RavenDB's Node client takes the PFX then, for it reads no encrypted PKCS#8. */
export async function certificateArchive(
  { certificate, privateKey }: Issued,
  name: string,
  password: string | undefined,
): Promise<Buffer> {
  const secret = password === undefined ? {} : { password }
  const key =
    password === undefined ? privateKeyPem(privateKey) : await encryptedKeyPem(privateKey, password)
  return zip([
    {
      name: `${name}.pfx`,
      bytes: await writePfx({ certificates: [certificate], privateKey, ...secret }),
    },
    { name: `${name}.crt`, bytes: Buffer.from(certificatePem(certificate)) },
    { name: `${name}.key`, bytes: Buffer.from(key) },
  ])
}

/** Value of a Content-Disposition header that offers the archive under that name. */
export function archiveDisposition(name: string): string {
  const encoded = encodeURIComponent(safeFileName(name)).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename=${encoded}.zip`
}
