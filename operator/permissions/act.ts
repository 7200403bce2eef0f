/** Carries a decision out. Decides nothing; each may be repeated. */
import { strongroomPermissions } from '#operator/api/permission.ts'
import { setFinalizer } from '#operator/kube/finalizers.ts'
import type { Kube } from '#operator/kube/kube.ts'
import type { Deed } from '#operator/kube/status.ts'
import type { Observed } from './observe.ts'
import type { Decision } from './plan.ts'

export async function act(
  kube: Kube,
  observed: Observed,
  decision: Decision,
): Promise<Deed | undefined> {
  switch (decision.kind) {
    case 'register':
      await observed.admin?.putCertificate(decision.certificate.der, {
        name: decision.name,
        ...decision.rights,
      })
      return {
        reason: 'CertificateRegistered',
        note: `Registered certificate ${decision.certificate.thumbprint} on the server`,
      }
    case 'edit':
      await observed.admin?.editCertificate(decision.record.thumbprint, {
        name: decision.record.name,
        ...decision.rights,
      })
      return {
        reason: 'RightsApplied',
        note: `Set the rights of certificate ${decision.record.thumbprint}: ${decision.fields.join(', ')}`,
      }
    case 'hold':
    case 'release':
      await setFinalizer(kube, strongroomPermissions, {
        resource: observed.resource,
        wanted: decision.kind === 'hold',
      })
      return undefined
    case 'drifted':
    case 'wait':
    case 'stalled':
    case 'ready':
      return undefined
    default:
      return decision satisfies never
  }
}
