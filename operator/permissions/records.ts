/** The records on the server that a permission is about, and the rights that all permissions about them give. Pure. */
import { appliedTo } from '#operator/access/registered.ts'
import { differences, exceeds, type Union, unionOf } from '#operator/access/rights.ts'
import {
  ownersOf,
  permissionsAbout,
  type RecordKey,
  withRenewals,
} from '#operator/access/subjects.ts'
import type { CertificateState } from '#operator/admin/admin.ts'
import type { StrongroomPermission } from '#operator/api/permission.ts'
import { annotation } from '#operator/kube/labels.ts'
import type { Observed } from './observe.ts'

/** Only what nobody else takes back needs a finalizer: the record of a StrongroomCertificate is written by its controller. */
export function isWriter({ subject }: Observed): boolean {
  return subject.kind !== 'certificate'
}

/** What this permission gives rights to, with renewals. */
export function recordsOf(observed: Observed): readonly CertificateState[] {
  const { resource, records = [] } = observed
  const isAbout = (record: CertificateState): boolean =>
    permissionsFor(observed, record).some((other) => isSame(other, resource))
  return withRenewals(records, isAbout)
}

/** What this permission gave rights to, as it remembers, with renewals. */
export function claimedRecords({ resource, records = [] }: Observed): readonly CertificateState[] {
  const claimed = appliedTo(resource)
  return withRenewals(records, ({ thumbprint }) => claimed.has(thumbprint))
}

/** The rights that a record should have. */
export function unionFor(observed: Observed, record: RecordKey): Union {
  return unionOf(permissionsFor(observed, record), observed.nowMs)
}

/** The rights that it should have without this permission. */
export function unionWithout(observed: Observed, record: RecordKey): Union {
  const others = permissionsFor(observed, record).filter(
    (other) => !isSame(other, observed.resource),
  )
  return unionOf(others, observed.nowMs)
}

/** Is it somebody else's, so that its rights are not changed unless this permission may take it over? */
export function isForeign(observed: Observed, record: CertificateState): boolean {
  const { resource, subject, permissions, records = [] } = observed
  const mayTakeOver = resource.metadata.annotations?.[annotation.adopt] === 'true'
  if (mayTakeOver || resource.spec.driftPolicy === 'Observe') return false
  if (ownersOf(record, observed, records).length > 0) return false
  const isClaimed = permissions.some((permission) => {
    const claimed = appliedTo(permission)
    const isOwn =
      isSame(permission, resource) || permission.metadata.deletionTimestamp === undefined
    return (
      isOwn && withRenewals(records, ({ thumbprint }) => claimed.has(thumbprint)).includes(record)
    )
  })
  if (isClaimed || isWithoutRights(record)) return false
  const { rights } = unionFor(observed, record)
  // A Secret brings its own certificate to be registered; a thumbprint or a pin is of one that is registered, and may be given more.
  return subject.kind === 'secret'
    ? differences(record, rights).length > 0
    : exceeds(record, rights)
}

function isWithoutRights({ clearance, permissions }: CertificateState): boolean {
  return clearance === 'ValidUser' && Object.keys(permissions).length === 0
}

function permissionsFor(observed: Observed, record: RecordKey): readonly StrongroomPermission[] {
  const { resource, subject, records = [] } = observed
  const found = permissionsAbout(record, observed, { records })
  // What its Secret holds is known to this permission alone until it is registered.
  const isIncoming =
    subject.kind === 'secret' && subject.certificate?.thumbprint === record.thumbprint
  return isIncoming && !found.some((other) => isSame(other, resource))
    ? [...found, resource]
    : found
}

function isSame(a: StrongroomPermission, b: StrongroomPermission): boolean {
  return a.metadata.name === b.metadata.name
}
