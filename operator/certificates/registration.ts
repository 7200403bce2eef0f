/** Checks of the plan about the records on the server: what they may, and what is registered at all. Pure. */
import { differences, exceeds } from '#operator/access/rights.ts'
import { isStoreOfBefore } from '#operator/access/trusted-store.ts'
import type { CertificateState } from '#operator/admin/admin.ts'
import type { StrongroomPermission } from '#operator/api/permission.ts'
import { secrets } from '#operator/kube/kinds.ts'
import { issuerOf } from './arrival.ts'
import type { Decision } from './decision.types.ts'
import { revokedReason } from './due.ts'
import type { Observed } from './observe.ts'
import { ownRecords, permissionsFor, unionFor } from './records.ts'

/** A right that no permission gives any more goes first, whatever else is in the way of the certificate. */
export function hasTooMuch(observed: Observed): Decision | undefined {
  if (!isStoreOfBefore(observed.cluster, observed)) return undefined
  return editOf(
    observed,
    ownRecords(observed).filter((record) => exceeds(record, unionFor(observed, record).rights)),
  )
}

/** What was taken off the server is signed anew by cert-manager once what it gave is away. */
export function mustBeSignedAnew(observed: Observed): Decision | undefined {
  const { next, current, issued } = observed
  if (issuerOf(observed) === undefined || revokedReason(observed) === undefined) return undefined
  const isAnotherThere =
    next.kind === 'usable' &&
    current.kind === 'usable' &&
    next.certificate.thumbprint !== current.certificate.thumbprint
  return isAnotherThere || issued === undefined
    ? undefined
    : { kind: 'withdraw', found: [{ kind: secrets, object: issued }] }
}

/** What is in use is only registered again where its record went with another store: one that was taken off this one stays off. */
export function isNotRegistered(observed: Observed): Decision | undefined {
  const isAgain = revokedReason(observed) === undefined
  for (const material of isAgain ? [observed.next, observed.current] : [observed.next]) {
    if (material.kind === 'unusable') continue
    const { thumbprint, pin } = material.certificate
    if (isRegistered(observed, thumbprint)) continue
    const { rights } = unionFor(observed, { thumbprint, publicKeyPin: pin })
    return { kind: 'register', certificate: material.certificate, rights }
  }
  return undefined
}

export function rightsDiffer(observed: Observed): Decision | undefined {
  return editOf(observed, ownRecords(observed))
}

function editOf(observed: Observed, records: readonly CertificateState[]): Decision | undefined {
  for (const record of records) {
    const { rights } = unionFor(observed, record)
    const fields = differences(record, rights)
    if (fields.length > 0 && !isOnlyObserved(permissionsFor(observed, record)))
      return { kind: 'edit', thumbprint: record.thumbprint, record, rights, fields }
  }
  return undefined
}

/** Where every permission only observes, what differs on the server is shown by them and stays. */
function isOnlyObserved(permissions: readonly StrongroomPermission[]): boolean {
  return permissions.length > 0 && permissions.every(({ spec }) => spec.driftPolicy === 'Observe')
}

function isRegistered({ records }: Observed, thumbprint: string): boolean {
  return records?.some((record) => record.thumbprint === thumbprint) === true
}
