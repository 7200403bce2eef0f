/** How records of certificates belong together. Pure. */
import { type Certificate, verifyIssuedBy } from '#shared/pki/certificate.ts'
import type { CertificateRecord } from './certificate-records.ts'

/** A record with the other certificates of its collection. */
export interface CertificateEntry {
  readonly record: CertificateRecord
  readonly secondaryThumbprints: readonly string[]
}

/** The records that share their rights with that one; none where it is unknown. */
export function familyOf(
  records: readonly CertificateRecord[],
  thumbprint: string,
): CertificateRecord[] {
  const root = records.find((one) => one.thumbprint === thumbprint.toUpperCase())?.root
  return records.filter((one) => one.root === root)
}

/** Records of those certificates, and those that share their rights with one of them. */
export function touchedBy(
  records: readonly CertificateRecord[],
  certificates: readonly Certificate[],
): CertificateRecord[] {
  const thumbprints = new Set(certificates.map(({ thumbprint }) => thumbprint))
  return records.filter(
    ({ thumbprint, root }) => thumbprints.has(thumbprint) || thumbprints.has(root),
  )
}

/** Those of a file that call themselves: an authority that came along with what it signed only vouches for it. */
export function callersIn(certificates: readonly Certificate[]): Certificate[] {
  return certificates.filter((one) => !signedAnotherOf(one, certificates))
}

/** A renewal has its entry; a further member of a collection has not. */
export function isListed({ root, thumbprint, renewedFrom }: CertificateRecord): boolean {
  return root === thumbprint || renewedFrom !== undefined
}

export function entryOf(
  record: CertificateRecord,
  records: readonly CertificateRecord[],
): CertificateEntry {
  const others = records.filter((one) => one.root === record.thumbprint && !isListed(one))
  return { record, secondaryThumbprints: others.map(({ thumbprint }) => thumbprint) }
}

function signedAnotherOf(issuer: Certificate, certificates: readonly Certificate[]): boolean {
  return (
    issuer.isAuthority &&
    certificates.some((one) => one.pin !== issuer.pin && verifyIssuedBy(one, issuer))
  )
}
