/** What a change of certificates writes. Pure: records in, changes of the table out. */
import type { Rights } from '#server/access/registration.ts'
import { type Certificate, verifyIssuedBy } from '#shared/pki/certificate.ts'
import { type CertificateRecord, certificateTable, deletedKey } from './certificate-records.ts'
import type { SystemChange } from './system.types.ts'

export type CertificateChange = SystemChange<Parameters<typeof certificateTable.encode>[0]>

export interface NewRegistrations {
  readonly name: string
  readonly rights: Rights
  /** Those that will call; the first one is the root of the others. */
  readonly members: readonly Certificate[]
  /** Authorities that may have signed them. */
  readonly issuers: readonly Certificate[]
  /** Records there are already of these members, and of those that share their rights. */
  readonly touched: readonly CertificateRecord[]
  /** Milliseconds since 1970. */
  readonly now: number
}

/** Records of the members; those that follow them get the same rights; the keys may be renewed again. */
export function registrations(wanted: NewRegistrations): CertificateChange[] {
  const { members, touched, rights, name } = wanted
  const wasDisabled = new Set(touched.filter((one) => one.disabled).map((one) => one.thumbprint))
  const root = members[0]?.thumbprint ?? ''
  const made = members.map((member) => {
    const disabled = wasDisabled.has(member.thumbprint)
    return { ...factsOf(member, wanted), ...rights, name, root, disabled }
  })
  const followers = touched.filter(
    (one) => !members.some((member) => member.thumbprint === one.thumbprint),
  )
  return [
    ...made.map(put),
    ...followers.map((record) => put({ ...record, ...rights })),
    ...pinsOf(members).map((pin) => ({ table: certificateTable, key: deletedKey(pin) })),
  ]
}

/** The records go, and their keys stay barred from renewal. */
export function removals(
  family: readonly CertificateRecord[],
  deletedAt: number,
): CertificateChange[] {
  const barred = pinsOf(family).map((pin) => ({
    table: certificateTable,
    key: deletedKey(pin),
    record: { kind: 'deleted', pin, deletedAt } as const,
  }))
  return [...family.map(gone), ...barred]
}

export interface Succession {
  readonly from: CertificateRecord
  readonly certificate: Certificate
  readonly issuer: Certificate
  readonly family: readonly CertificateRecord[]
  readonly now: number
}

/** A record with all that its predecessor has; renewals that have expired go. */
export function succession({
  from,
  certificate,
  issuer,
  family,
  now,
}: Succession): CertificateChange[] {
  const { thumbprint, pin, der, notBefore, notAfter } = certificate
  const successor: CertificateRecord = {
    ...from,
    ...{ thumbprint, pin, notBefore, notAfter, registeredAt: now },
    certificate: der.toString('base64'),
    issuer: issuer.der.toString('base64'),
    renewedFrom: from.thumbprint,
  }
  const outlived = family.filter((one) => one.renewedFrom !== undefined && one.notAfter < now)
  return [{ ...put(successor), version: 0 }, ...outlived.map(gone)]
}

export function put(record: CertificateRecord): CertificateChange {
  return { table: certificateTable, key: record.thumbprint, record }
}

/** The records after those changes. */
export function applied(
  before: readonly CertificateRecord[],
  changes: readonly CertificateChange[],
): CertificateRecord[] {
  const after = new Map(before.map((record) => [record.thumbprint, record]))
  for (const { key, record } of changes) {
    after.delete(key)
    if (record?.kind === 'registered') after.set(key, record)
  }
  return [...after.values()]
}

/** What follows from the certificate itself. */
function factsOf(certificate: Certificate, { issuers, now }: NewRegistrations) {
  const { thumbprint, pin, der, notBefore, notAfter } = certificate
  const issuer = issuers.find((one) => one.pin !== pin && verifyIssuedBy(certificate, one))
  return {
    kind: 'registered',
    thumbprint,
    pin,
    certificate: der.toString('base64'),
    ...(issuer === undefined ? {} : { issuer: issuer.der.toString('base64') }),
    notBefore,
    notAfter,
    usage: 'Client',
    registeredAt: now,
  } as const
}

function gone({ thumbprint }: CertificateRecord): CertificateChange {
  return { table: certificateTable, key: thumbprint }
}

function pinsOf(ofThese: readonly { readonly pin: string }[]): string[] {
  return [...new Set(ofThese.map(({ pin }) => pin))]
}
