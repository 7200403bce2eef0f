/** Carries a decision out. Decides nothing; each may be repeated. */
import { strongroomPermissions } from '#operator/api/permission.ts'
import type { Kube } from '#operator/kube/kube.ts'
import { finalizer } from '#operator/kube/labels.ts'
import type { Observed } from './observe.ts'
import type { Decision } from './plan.ts'

export interface Deed {
  readonly reason: string
  readonly note: string
}

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
      return setFinalizer(kube, observed, true)
    case 'release':
      return setFinalizer(kube, observed, false)
    case 'drifted':
    case 'wait':
    case 'stalled':
    case 'ready':
      return undefined
    default:
      return decision satisfies never
  }
}

async function setFinalizer(
  kube: Kube,
  { resource }: Observed,
  wanted: boolean,
): Promise<undefined> {
  const { name, namespace = '', resourceVersion, finalizers = [] } = resource.metadata
  if (finalizers.includes(finalizer) === wanted) return
  const others = finalizers.filter((one) => one !== finalizer)
  await kube.patch(
    strongroomPermissions,
    { name, namespace },
    { metadata: { resourceVersion, finalizers: wanted ? [...others, finalizer] : others } },
  )
}
