/**
 * Families: the one definition of which certificates share rights and fate.
 *
 * A family is what was registered, in one file or one after the other under a certificate of it, with all its implicit renewals. All its
 * records name the same root. Whatever is changed, is changed for all of it: registering, editing, disabling, deleting, ending.
 */
import { type Certificate, verifyIssuedBy } from '#shared/pki/certificate.ts'
import type { CertificateRecord } from './certificate-records.ts'

/** A record with the other certificates of its collection. */
export interface CertificateEntry {
  readonly record: CertificateRecord
  readonly secondaryThumbprints: readonly string[]
}

/** Records as they can be looked up without walking through all of them. */
export interface CertificateLookup {
  get(thumbprint: string): CertificateRecord | undefined
  /** All of one root. */
  ofRoot(root: string): readonly CertificateRecord[]
}

/** The records that share rights and fate with that one, itself included; none where it is unknown. */
export function familyOf(
  records: CertificateLookup,
  thumbprint: string,
): readonly CertificateRecord[] {
  const record = records.get(thumbprint)
  return record === undefined ? [] : records.ofRoot(record.root)
}

/** The families of those certificates: whoever registers them together makes one of them. */
export function familiesOf(
  records: CertificateLookup,
  certificates: readonly Certificate[],
): CertificateRecord[] {
  const roots = certificates.map(({ thumbprint }) => records.get(thumbprint)?.root)
  return [...new Set(roots)].flatMap((root) => (root === undefined ? [] : records.ofRoot(root)))
}

/** Those of a file that call themselves: an authority that came along with what it signed only vouches for it. */
export function callersIn(certificates: readonly Certificate[]): Certificate[] {
  return certificates.filter((one) => !signedAnotherOf(one, certificates))
}

/** A renewal has its entry; a further member of a collection has not. */
export function isListed(record: CertificateRecord): boolean {
  const { root, thumbprint, renewedFrom, secondary } = record
  return secondary === undefined ? root === thumbprint || renewedFrom !== undefined : !secondary
}

export function entryOf(record: CertificateRecord, records: CertificateLookup): CertificateEntry {
  const isFirst = record.root === record.thumbprint
  const others = isFirst ? records.ofRoot(record.root).filter((one) => !isListed(one)) : []
  return { record, secondaryThumbprints: others.map(({ thumbprint }) => thumbprint) }
}

function signedAnotherOf(issuer: Certificate, certificates: readonly Certificate[]): boolean {
  return (
    issuer.isAuthority &&
    certificates.some((one) => one.pin !== issuer.pin && verifyIssuedBy(one, issuer))
  )
}
