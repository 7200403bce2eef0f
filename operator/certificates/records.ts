/** The records on the server that belong to a StrongroomCertificate, and the rights that each of them should have. Pure. */
import { thumbprintsOf } from '#operator/access/registered.ts'
import { type Union, unionOf } from '#operator/access/rights.ts'
import { permissionsAbout, type RecordKey, withRenewals } from '#operator/access/subjects.ts'
import type { CertificateState } from '#operator/admin/admin.ts'
import type { StrongroomPermission } from '#operator/api/permission.ts'
import { isOwn } from '#operator/kube/ownership.ts'
import type { Observed } from './observe.ts'

/** Thumbprints of everything that was issued for the resource, as far as it is known: staged, in use, earlier ones. */
export function liveThumbprints(observed: Observed): string[] {
  const { next, resource } = observed
  const staged = next.kind === 'usable' ? [next.certificate.thumbprint] : []
  return [...new Set([...staged, ...inUse(observed), ...thumbprintsOf(resource)])]
}

/** What somebody else put into a Secret of that name is not ours. */
function inUse({ current, target, resource }: Observed): string[] {
  const isOurs = target !== undefined && isOwn(target, resource)
  return isOurs && current.kind === 'usable' ? [current.certificate.thumbprint] : []
}

/** Their records on the server, in that order, and last those of renewals that came by themselves. */
export function ownRecords(observed: Observed): CertificateState[] {
  const { records = [] } = observed
  const own = liveThumbprints(observed)
  const rank = ({ thumbprint }: RecordKey): number =>
    own.includes(thumbprint) ? own.indexOf(thumbprint) : own.length
  return withRenewals(records, ({ thumbprint }) => own.includes(thumbprint)).toSorted(
    (a, b) => rank(a) - rank(b),
  )
}

export function permissionsFor(observed: Observed, record: RecordKey): StrongroomPermission[] {
  const { resource, permissions, certificates, records = [] } = observed
  return permissionsAbout(record, { permissions, certificates }, { records, owners: [resource] })
}

/** The rights that a record should have. */
export function unionFor(observed: Observed, record: RecordKey): Union {
  return unionOf(permissionsFor(observed, record), observed.nowMs)
}
