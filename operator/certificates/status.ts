/** (observed, decision) → the status to write. Pure. */
import type { StrongroomCertificateStatus } from '#operator/api/certificate.ts'
import { conditionsFrom, triad } from '#operator/kube/conditions.ts'
import { sha256Of } from '#operator/kube/tls-secret.ts'
import { supersededMax } from '#operator/limits.ts'
import type { Certificate } from '#shared/pki/certificate.ts'
import { renewAt } from '#shared/pki/renewal.ts'
import type { Decision } from './decision.types.ts'
import type { Observed } from './observe.ts'
import { ownRecords } from './records.ts'

type Superseded = NonNullable<StrongroomCertificateStatus['superseded']>

export function statusOf(observed: Observed, decision: Decision): StrongroomCertificateStatus {
  const { resource, nowMs, current } = observed
  const generation = resource.metadata.generation ?? 0
  const before = resource.status ?? {}
  return {
    ...(current.kind === 'usable' ? describe(current.certificate) : {}),
    ...storeOf(observed),
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

/** Where the certificate in use is registered, as far as anybody knows. */
function storeOf({ resource, current, records, storeId }: Observed): StrongroomCertificateStatus {
  const isThere =
    current.kind === 'usable' &&
    records?.some(({ thumbprint }) => thumbprint === current.certificate.thumbprint) === true
  const known = isThere ? storeId : resource.status?.storeId
  return known === undefined ? {} : { storeId: known }
}

/**
 * Every one that may still be presented beside the one in use. That is listed as soon as its successor is staged, and when it is lost
 * from its Secret; what has ended and left the server goes.
 */
function supersededOf(observed: Observed): Superseded {
  const { current, next, records, nowMs } = observed
  const unlisted = new Set([current, next].flatMap(thumbprintIn))
  if (isLeaving(observed)) for (const leaving of thumbprintIn(current)) unlisted.delete(leaving)
  const isStillThere = (thumbprint: string): boolean =>
    records === undefined || records.some((record) => record.thumbprint === thumbprint)
  const ends = new Map(candidates(observed).map((one) => [one.thumbprint, one.notAfter]))
  return [...ends]
    .map(([thumbprint, notAfter]) => ({ thumbprint, notAfter }))
    .filter(
      ({ thumbprint, notAfter }) =>
        !unlisted.has(thumbprint) && (Date.parse(notAfter) > nowMs || isStillThere(thumbprint)),
    )
    .slice(-supersededMax)
}

/** Earlier ones as status has them, what is on the server for the resource, and the one in use or used last. */
function candidates(observed: Observed): Superseded {
  const { resource, current } = observed
  const { thumbprint, notAfter, superseded = [] } = resource.status ?? {}
  const usedLast =
    thumbprint === undefined || notAfter === undefined ? [] : [{ thumbprint, notAfter }]
  const inUse = current.kind === 'usable' ? [current.certificate] : []
  const registered = [...ownRecords(observed), ...inUse].map((one) => ({
    thumbprint: one.thumbprint,
    notAfter: timeOf(one.notAfter),
  }))
  return [...superseded, ...usedLast, ...registered]
}

/** A server may say what is no time: it has ended then, and is kept as long as it is there. */
function timeOf(ms: number): string {
  return new Date(Number.isNaN(new Date(ms).getTime()) ? 0 : ms).toISOString()
}

function isLeaving({ current, next }: Observed): boolean {
  return (
    current.kind === 'usable' &&
    next.kind === 'usable' &&
    next.certificate.thumbprint !== current.certificate.thumbprint
  )
}

function thumbprintIn(material: Observed['current']): string[] {
  return material.kind === 'usable' ? [material.certificate.thumbprint] : []
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
