/** What a change of certificates writes. Pure: records in, changes of the table out. */
import type { Rights, ValidityLimits } from '#server/access/registration.ts'
import { hasCode } from '#shared/errors.ts'
import { type Certificate, readCertificate, verifyIssuedBy } from '#shared/pki/certificate.ts'
import { isListed } from './certificate-families.ts'
import { type CertificateRecord, certificateTable, deletedKey } from './certificate-records.ts'
import type { SystemChange } from './system.types.ts'

export type CertificateChange = SystemChange<Parameters<typeof certificateTable.encode>[0]>

/** What somebody says of a certificate, and by that of its family. */
export interface Wanted {
  readonly name: string
  readonly rights: Rights
  /** Left out: stays as it is. */
  readonly disabled?: boolean | undefined
  /** Each that is left out stays as it is. */
  readonly limits?: ValidityLimits | undefined
}

export interface NewRegistrations extends Wanted {
  /** Those that will call; the first one is the root of the others. */
  readonly members: readonly Certificate[]
  /** Authorities that may have signed them. */
  readonly issuers: readonly Certificate[]
  /** The families that there are already of these members: they become one. */
  readonly touched: readonly CertificateRecord[]
  /** Milliseconds since 1970. */
  readonly now: number
}

/** Records of the members; their families join them, and get the same rights; the keys may be renewed again. */
export function registrations(wanted: NewRegistrations): CertificateChange[] {
  const { members, touched, rights, name } = wanted
  const root = members[0]?.thumbprint ?? ''
  const shared = {
    rights,
    root,
    // What was disabled in one of them is not enabled by joining others.
    disabled: wanted.disabled ?? touched.some((one) => one.disabled),
    limits: { ...narrowest(touched), ...wanted.limits },
  }
  const made = members.map((member, position) =>
    sharing({ ...factsOf(member, wanted), name, secondary: position > 0 }, shared),
  )
  const followers = touched
    .filter((one) => !members.some((member) => member.thumbprint === one.thumbprint))
    .map((record) => sharing({ ...record, secondary: !isListed(record) }, shared))
  return [
    ...[...made, ...followers].map(put),
    ...pinsOf(members).map((pin) => ({ table: certificateTable, key: deletedKey(pin) })),
  ]
}

export interface Edition extends Wanted {
  readonly family: readonly CertificateRecord[]
  /** Thumbprint of the one that was named. */
  readonly named: string
}

/** The whole family with that name, those rights, that state and those dates. */
export function edition({
  family,
  named,
  name,
  rights,
  disabled,
  limits,
}: Edition): CertificateChange[] {
  const shown = family.find(({ thumbprint }) => thumbprint === named)
  // Clients send back what they were shown.
  const changed: ValidityLimits = {
    ...(limits?.validFrom === shown?.notBefore ? {} : pick(limits, 'validFrom')),
    ...(limits?.validUntil === shown?.notAfter ? {} : pick(limits, 'validUntil')),
  }
  return family.map((record) => {
    const { renewedUntil: _ended, ...unbounded } = record
    const isExtended = record.thumbprint === named && changed.validUntil !== undefined
    const from = isExtended ? unbounded : record
    return put(
      sharing(
        { ...from, name },
        {
          rights,
          root: record.root,
          disabled: disabled ?? record.disabled,
          limits: { ...narrowest([record]), ...changed },
        },
      ),
    )
  })
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
  const { thumbprint, pin, der } = certificate
  const successor = dated({
    ...from,
    ...{ thumbprint, pin, registeredAt: now },
    certificate: der.toString('base64'),
    issuer: issuer.der.toString('base64'),
    renewedFrom: from.thumbprint,
    renewedUntil: now + lifetimeOf(family, pin),
    secondary: false,
  })
  const outlived = family.filter((one) => isRenewal(one) && one.notAfter < now)
  return [{ ...put(successor), version: 0 }, ...outlived.map(gone)]
}

/** It came by itself. */
export function isRenewal({ renewedFrom }: Pick<CertificateRecord, 'renewedFrom'>): boolean {
  return renewedFrom !== undefined
}

/** The records after those changes. */
export function applied(
  before: Iterable<CertificateRecord>,
  changes: readonly CertificateChange[],
): CertificateRecord[] {
  const after = new Map([...before].map((record) => [record.thumbprint, record]))
  for (const { key, record } of changes) {
    after.delete(key)
    if (record?.kind === 'registered') after.set(key, record)
  }
  return [...after.values()]
}

function put(record: CertificateRecord): CertificateChange {
  return { table: certificateTable, key: record.thumbprint, record }
}

interface Shared {
  readonly rights: Rights
  readonly root: string
  readonly disabled: boolean
  readonly limits: ValidityLimits
}

/** What the facts of one certificate become in a family. Rights are replaced whole: an end that is not named again is none. */
function sharing(record: Facts, { rights, root, disabled, limits }: Shared): CertificateRecord {
  const { clearanceExpiration: _c, permissionExpirations: _p, ...unlimited } = record
  const { validFrom: _f, validUntil: _u, ...facts } = unlimited
  return dated({ ...facts, ...rights, ...limits, root, disabled })
}

type Facts = Omit<CertificateRecord, keyof Rights | 'root' | 'disabled'> &
  Partial<CertificateRecord>

/** With the dates that count: the certificate's own, narrowed. */
function dated(record: CertificateRecord): CertificateRecord {
  const {
    validFrom = Number.NEGATIVE_INFINITY,
    validUntil = Number.POSITIVE_INFINITY,
    renewedUntil = Number.POSITIVE_INFINITY,
  } = record
  const { notBefore, notAfter } = ownDates(record)
  return {
    ...record,
    notBefore: Math.max(notBefore, validFrom),
    notAfter: Math.min(notAfter, validUntil, renewedUntil),
  }
}

/** Of the certificate itself; of one that was registered before certificates were read as strictly as now, those that its record has. */
export function ownDates(
  record: Pick<CertificateRecord, 'certificate' | 'notBefore' | 'notAfter'>,
): Pick<Certificate, 'notBefore' | 'notAfter'> {
  try {
    return readCertificate(Buffer.from(record.certificate, 'base64'))
  } catch (error) {
    if (hasCode(error, 'CertificateUnreadable')) return record
    throw error
  }
}

/** Limits that hold in all of them. */
function narrowest(records: readonly ValidityLimits[]): ValidityLimits {
  const from = records.flatMap(({ validFrom }) => validFrom ?? [])
  const until = records.flatMap(({ validUntil }) => validUntil ?? [])
  return {
    ...(from.length === 0 ? {} : { validFrom: Math.max(...from) }),
    ...(until.length === 0 ? {} : { validUntil: Math.min(...until) }),
  }
}

function pick<K extends keyof ValidityLimits>(
  limits: ValidityLimits | undefined,
  name: K,
): Pick<ValidityLimits, K> | Record<never, never> {
  return limits?.[name] === undefined ? {} : { [name]: limits[name] }
}

/** For how long somebody let that key in when he registered it. */
function lifetimeOf(family: readonly CertificateRecord[], pin: string): number {
  const registered = family.filter((one) => one.pin === pin && !isRenewal(one))
  const lifetimes = registered.map((one) => {
    const { notBefore, notAfter } = ownDates(one)
    return notAfter - notBefore
  })
  return Math.max(0, ...lifetimes)
}

/** What follows from the certificate itself. */
function factsOf(certificate: Certificate, { issuers, touched, now }: NewRegistrations) {
  const { thumbprint, pin, der, notBefore, notAfter } = certificate
  const signer = issuers.find((one) => one.pin !== pin && verifyIssuedBy(certificate, one))
  const known = touched.find((one) => one.thumbprint === thumbprint)?.issuer
  const issuer = signer?.der.toString('base64') ?? known
  return {
    kind: 'registered',
    thumbprint,
    pin,
    certificate: der.toString('base64'),
    ...(issuer === undefined ? {} : { issuer }),
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
