/** Carries a decision out. Decides nothing; each may be repeated. */
import { appliedTo, noteRegistered } from '#operator/access/registered.ts'
import { setRights } from '#operator/access/set-rights.ts'
import { shownFields } from '#operator/access/shown-fields.ts'
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
  const { resource, admin } = observed
  switch (decision.kind) {
    case 'register':
      await admin?.putCertificate(decision.certificate.der, {
        name: decision.name,
        ...decision.rights,
      })
      return {
        reason: 'CertificateRegistered',
        note: `Registered certificate ${decision.certificate.thumbprint} on the server`,
      }
    case 'edit':
      return edit(kube, observed, decision)
    case 'hold':
    case 'release':
      await setFinalizer(kube, strongroomPermissions, {
        resource,
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

async function edit(
  kube: Kube,
  { admin, resource }: Observed,
  { record, rights, fields, isGivenUp = false }: Extract<Decision, { kind: 'edit' }>,
): Promise<Deed> {
  await setRights(admin, record, { name: record.name, rights })
  if (isGivenUp) {
    const thumbprints = [...appliedTo(resource)].filter((one) => one !== record.thumbprint)
    await noteRegistered(kube, strongroomPermissions, { resource, thumbprints })
  }
  return {
    reason: 'RightsApplied',
    note: `Set the rights of certificate ${record.thumbprint}: ${shownFields(fields)}`,
  }
}
