/**
 * Observed → Decision: an ordered list of checks, the first that fires decides. Pure.
 *
 * Each record on the server has one writer. For a StrongroomCertificate that is its own controller, and a permission only
 * watches until the rights are there; for other subjects it is this one.
 */
import {
  type Halt,
  isClusterGoing,
  misfitHalt,
  missingClusterHalt,
  stall,
  storeHalt,
  undecided,
  unreachableHalt,
  wait,
} from '#operator/access/halts.ts'
import { differences, type Rights, unionOf } from '#operator/access/rights.ts'
import type { CertificateState } from '#operator/admin/admin.ts'
import { strongroomPermissions } from '#operator/api/permission.ts'
import { finalizer } from '#operator/kube/labels.ts'
import { type Check, firstFinding } from '#shared/checks.ts'
import type { Certificate } from '#shared/pki/certificate.ts'
import type { Observed } from './observe.ts'

export type Decision =
  | Halt
  | { readonly kind: 'release' }
  | { readonly kind: 'hold' }
  | {
      readonly kind: 'register'
      readonly certificate: Certificate
      readonly name: string
      readonly rights: Rights
    }
  | {
      readonly kind: 'edit'
      readonly record: CertificateState
      readonly rights: Rights
      readonly fields: readonly string[]
    }
  | { readonly kind: 'drifted'; readonly fields: readonly string[] }
  | {
      readonly kind: 'ready'
      readonly thumbprints: readonly string[]
      readonly rights: Rights
      readonly againAtMs: number | undefined
    }

export const checks: readonly Check<Observed, Decision>[] = [
  hasNothingToUndo,
  needsFinalizer,
  doesNotFitSchema,
  clusterIsMissing,
  hasEnded,
  isInConflict,
  subjectIsMissing,
  storeIsNotTrusted,
  serverIsUnreachable,
  isNotRegistered,
  rightsDiffer,
  isApplied,
]

export function decide(observed: Observed): Decision {
  return firstFinding(checks, observed) ?? undecided
}

/** The records on the server that this permission is about. */
export function recordsOf({
  subject,
  resource,
  records = [],
}: Observed): readonly CertificateState[] {
  const { thumbprint, publicKeyPin } = resource.spec.subject
  switch (subject.kind) {
    case 'certificate': {
      const { thumbprint: current, superseded = [] } = subject.resource?.status ?? {}
      const own = new Set([current, ...superseded.map((earlier) => earlier.thumbprint)])
      return records.filter((record) => own.has(record.thumbprint))
    }
    case 'secret': {
      // What the Secret held before keeps its record: it is ours as long as it can be used, and loses its rights with the resource.
      const own = new Set([subject.certificate?.thumbprint, ...appliedTo(resource)])
      return records.filter((record) => own.has(record.thumbprint))
    }
    case 'registered':
      return records.filter(
        (record) => record.thumbprint === thumbprint || record.publicKeyPin === publicKeyPin,
      )
    default:
      return subject satisfies never
  }
}

function appliedTo({ status }: Observed['resource']): readonly string[] {
  return status?.applied?.thumbprints ?? []
}

/** Only what nobody else takes back needs a finalizer: the record of a StrongroomCertificate is written by its controller. */
function isWriter({ subject }: Observed): boolean {
  return subject.kind !== 'certificate'
}

function hasNothingToUndo(observed: Observed): Decision | undefined {
  const { resource, records, unreachable } = observed
  if (resource.metadata.deletionTimestamp === undefined) return undefined
  if (isClusterGoing(observed) || !isWriter(observed) || resource.status?.applied === undefined)
    return { kind: 'release' }
  if (records === undefined)
    return wait(
      'ServerUnreachable',
      `The rights are taken back once the server can be reached: ${unreachable}`,
    )
  return edit(observed) ?? { kind: 'release' }
}

function needsFinalizer(observed: Observed): Decision | undefined {
  const isHeld = observed.resource.metadata.finalizers?.includes(finalizer) === true
  return isWriter(observed) && !isHeld ? { kind: 'hold' } : undefined
}

function doesNotFitSchema({ resource }: Observed): Decision | undefined {
  return misfitHalt(strongroomPermissions, resource)
}

function clusterIsMissing({ cluster, resource }: Observed): Decision | undefined {
  return missingClusterHalt(cluster, resource)
}

function hasEnded(observed: Observed): Decision | undefined {
  const { notAfter } = observed.resource.spec
  if (notAfter === undefined || Date.parse(notAfter) > observed.nowMs) return undefined
  const taken = observed.records !== undefined && isWriter(observed) ? edit(observed) : undefined
  return (
    taken ??
    stall('Ended', `These rights ended ${notAfter}: delete this resource, or give it a later end`)
  )
}

function isInConflict({ permissions, nowMs, resource }: Observed): Decision | undefined {
  const conflict = unionOf(permissions, nowMs).conflicts.get(resource.metadata.name)
  return conflict === undefined ? undefined : stall('Conflict', conflict)
}

function subjectIsMissing({ subject, resource }: Observed): Decision | undefined {
  if (subject.kind === 'certificate' && subject.resource === undefined) {
    return wait(
      'CertificateNotFound',
      `There is no StrongroomCertificate "${resource.spec.subject.certificateRef?.name}" in this namespace yet`,
    )
  }
  if (
    subject.kind === 'certificate' &&
    subject.resource?.spec.clusterRef.name !== resource.spec.clusterRef.name
  ) {
    return stall(
      'OtherCluster',
      `StrongroomCertificate "${resource.spec.subject.certificateRef?.name}" belongs to another cluster`,
    )
  }
  if (subject.kind === 'secret' && subject.certificate === undefined)
    return wait('SecretNotFound', subject.trouble ?? 'The Secret holds no certificate')
  return undefined
}

function storeIsNotTrusted({ cluster, storeId }: Observed): Decision | undefined {
  return storeHalt(cluster, storeId)
}

function serverIsUnreachable({ records, unreachable }: Observed): Decision | undefined {
  return unreachableHalt(records, unreachable)
}

function isNotRegistered(observed: Observed): Decision | undefined {
  const { subject, resource } = observed
  const found = recordsOf(observed)
  const isThere =
    subject.kind === 'secret'
      ? found.some(({ thumbprint }) => thumbprint === subject.certificate?.thumbprint)
      : found.length > 0
  if (isThere) return undefined
  switch (subject.kind) {
    case 'certificate':
      return wait('CertificateNotReady', 'The certificate is being issued and registered')
    case 'secret':
      return subject.certificate === undefined
        ? undefined
        : {
            kind: 'register',
            certificate: subject.certificate,
            name: nameOf(subject.certificate, resource.metadata.name),
            rights: rights(observed),
          }
    case 'registered':
      return stall(
        'NotRegistered',
        'No certificate with this thumbprint or pin is registered on the server: register it, or name it by a Secret',
      )
    default:
      return subject satisfies never
  }
}

function nameOf({ commonName }: Certificate, fallback: string): string {
  return commonName === '' ? fallback : commonName
}

function rightsDiffer(observed: Observed): Decision | undefined {
  const wanted = edit(observed)
  if (wanted === undefined) return undefined
  if (observed.resource.spec.driftPolicy === 'Observe')
    return { kind: 'drifted', fields: wanted.fields }
  return isWriter(observed)
    ? wanted
    : wait('Applying', `The rights are being brought up to date: ${wanted.fields.join(', ')}`)
}

function edit(observed: Observed): Extract<Decision, { kind: 'edit' }> | undefined {
  const wanted = rights(observed)
  for (const record of recordsOf(observed)) {
    const fields = differences(record, wanted)
    if (fields.length > 0) return { kind: 'edit', record, rights: wanted, fields }
  }
  return undefined
}

function rights({ permissions, nowMs }: Observed): Rights {
  return unionOf(permissions, nowMs).rights
}

function isApplied(observed: Observed): Decision {
  const { endsAtMs } = unionOf(observed.permissions, observed.nowMs)
  return {
    kind: 'ready',
    thumbprints: recordsOf(observed)
      .filter(({ notAfter }) => notAfter > observed.nowMs)
      .map(({ thumbprint }) => thumbprint),
    rights: rights(observed),
    againAtMs: endsAtMs,
  }
}
