/** (observed, decision) → the status to write. Pure. */
import type { StrongroomCertificateStatus } from '#operator/api/certificate.ts'
import { conditionsFrom, triad } from '#operator/kube/conditions.ts'
import { sha256Of } from '#operator/kube/tls-secret.ts'
import { supersededMax } from '#operator/limits.ts'
import type { Certificate } from '#shared/pki/certificate.ts'
import { renewAt } from '#shared/pki/renewal.ts'
import type { Decision } from './decision.types.ts'
import type { Observed } from './observe.ts'

type Superseded = NonNullable<StrongroomCertificateStatus['superseded']>

export function statusOf(observed: Observed, decision: Decision): StrongroomCertificateStatus {
  const { resource, nowMs, current } = observed
  const generation = resource.metadata.generation ?? 0
  const before = resource.status ?? {}
  return {
    ...(current.kind === 'usable' ? describe(current.certificate) : {}),
    revision: revisionOf(observed),
    superseded: supersededOf(observed),
    observedGeneration: generation,
    conditions: conditionsFrom(triad(stateOf(decision, observed)), before.conditions ?? [], {
      generation,
      nowMs,
    }),
  }
}

function describe(certificate: Certificate): StrongroomCertificateStatus {
  const time = (ms: number): string => new Date(ms).toISOString()
  return {
    thumbprint: certificate.thumbprint,
    sha256: sha256Of(certificate),
    publicKeyPin: certificate.pin,
    notBefore: time(certificate.notBefore),
    notAfter: time(certificate.notAfter),
    renewAt: time(renewAt(certificate)),
  }
}

function revisionOf({ resource, current }: Observed): number {
  const before = resource.status?.revision ?? 0
  const isNew =
    current.kind === 'usable' && current.certificate.thumbprint !== resource.status?.thumbprint
  return isNew ? before + 1 : before
}

/** The one in use is listed as soon as its successor is staged, so that no crash forgets it; what has ended and left the server goes. */
function supersededOf({ resource, current, next, records, nowMs }: Observed): Superseded {
  const before = resource.status?.superseded ?? []
  const isLeaving =
    current.kind === 'usable' &&
    next.kind === 'usable' &&
    next.certificate.thumbprint !== current.certificate.thumbprint
  const leaving = isLeaving
    ? [
        {
          thumbprint: current.certificate.thumbprint,
          notAfter: new Date(current.certificate.notAfter).toISOString(),
        },
      ]
    : []
  const all = [
    ...before.filter(({ thumbprint }) => thumbprint !== leaving[0]?.thumbprint),
    ...leaving,
  ]
  const isStillThere = (thumbprint: string): boolean =>
    records === undefined || records.some((record) => record.thumbprint === thumbprint)
  const isInUse = (thumbprint: string): boolean =>
    !isLeaving && current.kind === 'usable' && current.certificate.thumbprint === thumbprint
  return all
    .filter(
      ({ thumbprint, notAfter }) =>
        !isInUse(thumbprint) && (Date.parse(notAfter) > nowMs || isStillThere(thumbprint)),
    )
    .slice(-supersededMax)
}

function stateOf(decision: Decision, { resource }: Observed): Parameters<typeof triad>[0] {
  switch (decision.kind) {
    case 'ready':
      return {
        kind: 'ready',
        reason: 'Ready',
        message: `Secret "${resource.spec.secretName}" holds a certificate that the server knows`,
      }
    case 'stalled':
      return decision
    case 'wait':
    case 'asked':
      return { ...decision, kind: 'working' }
    case 'edit':
    case 'retire':
      return { kind: 'ready', reason: 'Ready', message: 'The rights are being brought up to date' }
    default:
      return {
        kind: 'working',
        reason: 'Issuing',
        message: 'The certificate is being issued, registered and written to its Secret',
      }
  }
}
