/** What gets rights is on record before it has them: what deletion revokes is read from there, also without Secret and status. */
import { claimRecords, thumbprintsOf } from '#operator/access/registered.ts'
import { strongroomCertificates } from '#operator/api/certificate.ts'
import type { Kube } from '#operator/kube/kube.ts'
import type { Decision } from './decision.types.ts'
import type { Observed } from './observe.ts'
import { ownRecords } from './records.ts'

/** Notes what the decision is about to register, and what is registered and not on record. */
export async function claim(kube: Kube, observed: Observed, decision: Decision): Promise<void> {
  const { resource, records = [] } = observed
  const known = thumbprintsOf(resource)
  await claimRecords(kube, strongroomCertificates, {
    resource,
    known,
    wanted: claimedBy(observed, decision),
    records,
  })
}

function claimedBy(observed: Observed, decision: Decision): readonly string[] {
  if (decision.kind === 'register') return [decision.certificate.thumbprint]
  if (decision.kind !== 'ready') return []
  return ownRecords(observed).map(({ thumbprint }) => thumbprint)
}
