/**
 * Which permissions are about which record on the server. Pure.
 *
 * A record is one certificate, whatever name a permission has for it: that of the StrongroomCertificate, of its Secret, its thumbprint
 * or its key. All of them together decide on its rights. Records of the same key are renewals of each other and share them.
 */
import type { CertificateState } from '#operator/admin/admin.ts'
import type { StrongroomCertificate } from '#operator/api/certificate.ts'
import type { StrongroomPermission } from '#operator/api/permission.ts'
import { appliedTo, thumbprintsOf } from './registered.ts'

export type RecordKey = Pick<CertificateState, 'thumbprint' | 'publicKeyPin'>

/** What is declared in one namespace. */
export interface Declared {
  readonly permissions: readonly StrongroomPermission[]
  readonly certificates: readonly StrongroomCertificate[]
}

interface OfCluster {
  readonly spec: { readonly clusterRef: { readonly name: string } }
}

/** Of one cluster. */
export function declaredFor(cluster: string, { permissions, certificates }: Declared): Declared {
  const isHere = ({ spec }: OfCluster): boolean => spec.clusterRef.name === cluster
  return { permissions: permissions.filter(isHere), certificates: certificates.filter(isHere) }
}

/** The StrongroomCertificate whose rights these are: named itself, or by the Secret that it writes. */
export function certificateOf(
  { spec: { subject, clusterRef } }: Pick<StrongroomPermission, 'spec'>,
  certificates: readonly StrongroomCertificate[],
): StrongroomCertificate | undefined {
  if (subject.certificateRef !== undefined)
    return certificates.find(({ metadata }) => metadata.name === subject.certificateRef?.name)
  if (subject.secretRef === undefined) return undefined
  return certificates.find(
    (certificate) =>
      certificate.spec.secretName === subject.secretRef?.name &&
      certificate.spec.clusterRef.name === clusterRef.name &&
      thumbprintsOf(certificate).size > 0,
  )
}

/** Records of the same key as one of those. */
export function withRenewals<T extends RecordKey>(
  records: readonly T[],
  isOwn: (record: T) => boolean,
): T[] {
  const pins = new Set(records.filter(isOwn).map(({ publicKeyPin }) => publicKeyPin))
  return records.filter((record) => isOwn(record) || pins.has(record.publicKeyPin))
}

/** The StrongroomCertificates whose record it is. */
export function ownersOf(
  record: RecordKey,
  { certificates }: Declared,
  records: readonly RecordKey[],
): StrongroomCertificate[] {
  const family = familyOf(record, records)
  return certificates.filter((certificate) => {
    const own = thumbprintsOf(certificate)
    return family.some((thumbprint) => own.has(thumbprint))
  })
}

/**
 * The permissions about a record.
 *
 * @param owners StrongroomCertificates whose record it is, whatever their status says
 */
export function permissionsAbout(
  record: RecordKey,
  declared: Declared,
  {
    records,
    owners = [],
  }: {
    readonly records: readonly RecordKey[]
    readonly owners?: readonly StrongroomCertificate[]
  },
): StrongroomPermission[] {
  const family = new Set(familyOf(record, records))
  const all = [...ownersOf(record, declared, records), ...owners]
  const names = new Set(all.map(({ metadata }) => metadata.name))
  const secretNames = new Set(all.map(({ spec }) => spec.secretName))
  return declared.permissions.filter((permission) => {
    const { certificateRef, secretRef, thumbprint, publicKeyPin } = permission.spec.subject
    if (certificateRef !== undefined) return names.has(certificateRef.name)
    if (thumbprint !== undefined) return family.has(thumbprint)
    if (publicKeyPin !== undefined) return publicKeyPin === record.publicKeyPin
    return (
      (secretRef !== undefined && secretNames.has(secretRef.name)) ||
      [...appliedTo(permission)].some((applied) => family.has(applied))
    )
  })
}

/** Thumbprints of the records with the same key, its own first. */
function familyOf(
  { thumbprint, publicKeyPin }: RecordKey,
  records: readonly RecordKey[],
): string[] {
  const others = records.filter((record) => record.publicKeyPin === publicKeyPin)
  return [thumbprint, ...others.map((record) => record.thumbprint)]
}

/** May two permissions be about the same record, as far as they themselves show? */
export function mayShareRecord(a: StrongroomPermission, b: StrongroomPermission): boolean {
  if (a.spec.clusterRef.name !== b.spec.clusterRef.name) return false
  const keys = new Set(keysOf(a))
  return keysOf(b).some((key) => keys.has(key))
}

/** May a permission be about a record of the StrongroomCertificate, as far as the two show? */
export function mayConcern(
  permission: StrongroomPermission,
  certificate: StrongroomCertificate,
): boolean {
  if (permission.spec.clusterRef.name !== certificate.spec.clusterRef.name) return false
  const { certificateRef, secretRef, publicKeyPin } = permission.spec.subject
  if (certificateRef !== undefined) return certificateRef.name === certificate.metadata.name
  if (secretRef?.name === certificate.spec.secretName) return true
  if (publicKeyPin !== undefined && publicKeyPin === certificate.status?.publicKeyPin) return true
  const own = thumbprintsOf(certificate)
  return thumbprintsNamedBy(permission).some((thumbprint) => own.has(thumbprint))
}

function keysOf(permission: StrongroomPermission): string[] {
  return [
    subjectKey(permission),
    ...thumbprintsNamedBy(permission).map((one) => `thumbprint/${one}`),
  ]
}

function thumbprintsNamedBy(permission: StrongroomPermission): string[] {
  const { thumbprint } = permission.spec.subject
  const applied = [...appliedTo(permission), ...(permission.status?.applied?.thumbprints ?? [])]
  return thumbprint === undefined ? applied : [thumbprint, ...applied]
}

/** `certificate/shop`, `secret/x`, `thumbprint/…`, `pin/…`. */
function subjectKey({ spec: { subject } }: StrongroomPermission): string {
  if (subject.certificateRef !== undefined) return `certificate/${subject.certificateRef.name}`
  if (subject.secretRef !== undefined) return `secret/${subject.secretRef.name}`
  if (subject.thumbprint !== undefined) return `thumbprint/${subject.thumbprint}`
  return `pin/${subject.publicKeyPin ?? ''}`
}
