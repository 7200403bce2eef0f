/** What gets rights is on record before it has them: what deletion takes back is read from there. */
import { appliedTo, claimRecords } from '#operator/access/registered.ts'
import { strongroomPermissions } from '#operator/api/permission.ts'
import type { Kube } from '#operator/kube/kube.ts'
import type { Observed } from './observe.ts'
import type { Decision } from './plan.ts'
import { isWriter } from './records.ts'

/** Notes what the decision is about to give rights to. */
export async function claim(kube: Kube, observed: Observed, decision: Decision): Promise<void> {
  const { resource, records = [] } = observed
  if (!isWriter(observed) || resource.metadata.deletionTimestamp !== undefined) return
  const known = appliedTo(resource)
  const wanted = claimedBy(decision).filter(
    // What it has already is taken away without waiting for anything.
    (thumbprint) => decision.kind !== 'edit' || !known.has(thumbprint),
  )
  await claimRecords(kube, strongroomPermissions, { resource, known, wanted, records })
}

function claimedBy(decision: Decision): readonly string[] {
  switch (decision.kind) {
    case 'register':
      return [decision.certificate.thumbprint]
    case 'edit':
      return decision.isGivenUp === true ? [] : [decision.record.thumbprint]
    case 'ready':
      return decision.thumbprints
    default:
      return []
  }
}
