/**
 * Observed → Decision: an ordered list of checks, the first that fires decides. Pure.
 *
 * Each record on the server has one writer. For a StrongroomCertificate that is its own controller, and a permission only
 * watches until the rights are there; for other subjects it is this one. Rights are taken away before anything else is looked at.
 */
import { refusedGrants } from '#operator/access/database-grants.ts'
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
import { appliedTo } from '#operator/access/registered.ts'
import { differences, exceeds, type Rights } from '#operator/access/rights.ts'
import { shownFields } from '#operator/access/shown-fields.ts'
import { isStoreOfBefore } from '#operator/access/trusted-store.ts'
import type { CertificateState } from '#operator/admin/admin.ts'
import { strongroomPermissions } from '#operator/api/permission.ts'
import { finalizer } from '#operator/kube/labels.ts'
import { thumbprintsMax } from '#operator/limits.ts'
import { type Check, firstFinding } from '#shared/checks.ts'
import type { Certificate } from '#shared/pki/certificate.ts'
import type { Observed } from './observe.ts'
import {
  claimedRecords,
  isForeign,
  isWriter,
  recordsOf,
  unionFor,
  unionWithout,
} from './records.ts'

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
      /** The record is no longer about this permission afterwards. */
      readonly isGivenUp?: boolean
    }
  | { readonly kind: 'drifted'; readonly fields: readonly string[] }
  | {
      readonly kind: 'ready'
      readonly thumbprints: readonly string[]
      readonly rights: Rights
      readonly againAtMs: number | undefined
      /** Databases that are named and cannot be given, and why. */
      readonly refused?: string
    }

export const checks: readonly Check<Observed, Decision>[] = [
  hasNothingToUndo,
  hasTooMuch,
  needsFinalizer,
  doesNotFitSchema,
  clusterIsMissing,
  hasEnded,
  isInConflict,
  subjectIsMissing,
  storeIsNotTrusted,
  serverIsUnreachable,
  belongsToSomebodyElse,
  tooManyAreGiven,
  isNotRegistered,
  rightsDiffer,
  isApplied,
]

export function decide(observed: Observed): Decision {
  return firstFinding(checks, observed) ?? undecided
}

function hasNothingToUndo(observed: Observed): Decision | undefined {
  const { resource, records, unreachable } = observed
  if (resource.metadata.deletionTimestamp === undefined) return undefined
  // The controller of a StrongroomCertificate takes back what was given through it.
  const isOthers = resource.spec.subject.certificateRef !== undefined
  if (isClusterGoing(observed) || isOthers || appliedTo(resource).size === 0)
    return { kind: 'release' }
  if (records === undefined)
    return wait(
      'ServerUnreachable',
      `The rights are taken back once the server can be reached: ${unreachable}`,
    )
  return editOf(observed, claimedRecords(observed)) ?? { kind: 'release' }
}

/** A right that no permission gives any more goes first, whatever else is in the way. */
function hasTooMuch(observed: Observed): Decision | undefined {
  const { cluster, resource } = observed
  if (!isStoreOfBefore(cluster, observed) || resource.spec.driftPolicy === 'Observe')
    return undefined
  const records = claimedRecords(observed).filter((record) =>
    exceeds(record, unionFor(observed, record).rights),
  )
  return isWriter(observed) ? editOf(observed, records) : undefined
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
  const taken = isWriter(observed) ? editOf(observed, claimedRecords(observed)) : undefined
  return (
    taken ??
    stall('Ended', `These rights ended ${notAfter}: delete this resource, or give it a later end`)
  )
}

function isInConflict(observed: Observed): Decision | undefined {
  const { subject, resource } = observed
  const { name } = resource.metadata
  const incoming =
    subject.kind === 'secret' && subject.certificate !== undefined
      ? [keyOf(subject.certificate)]
      : []
  for (const record of [...incoming, ...recordsOf(observed)]) {
    const conflict = unionFor(observed, record).conflicts.get(name)
    if (conflict !== undefined) return stall('Conflict', conflict)
  }
  return undefined
}

function subjectIsMissing({ subject, resource }: Observed): Decision | undefined {
  const { certificateRef, secretRef } = resource.spec.subject
  const name = certificateRef?.name ?? secretRef?.name
  if (subject.kind === 'certificate' && subject.resource === undefined) {
    return wait(
      'CertificateNotFound',
      `There is no StrongroomCertificate "${name}" in this namespace yet`,
    )
  }
  if (
    subject.kind === 'certificate' &&
    subject.resource?.spec.clusterRef.name !== resource.spec.clusterRef.name
  ) {
    return stall('OtherCluster', `StrongroomCertificate "${name}" belongs to another cluster`)
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

/** Rights that somebody gave by hand are not taken over in silence. */
function belongsToSomebodyElse(observed: Observed): Decision | undefined {
  const foreign = recordsOf(observed).find((record) => isForeign(observed, record))
  if (foreign === undefined) return undefined
  const { name, thumbprint, clearance, permissions } = foreign
  const databases = Object.entries(permissions).map(([database, access]) => `${database}:${access}`)
  return stall(
    'AlreadyExists',
    `Certificate ${thumbprint} ("${name}") was registered on the server by somebody else, as ${[clearance, ...databases].join(' ')}: ` +
      `have it managed by this resource with kubectl annotate strongroompermission ${observed.resource.metadata.name} strongroom.dev/adopt=true, or delete this resource`,
  )
}

/** Before another certificate gets the rights, the one that ends first loses them. */
function tooManyAreGiven(observed: Observed): Decision | undefined {
  const { subject } = observed
  if (subject.kind !== 'secret' || subject.certificate === undefined) return undefined
  const { thumbprint } = subject.certificate
  const [first, ...others] = claimedRecords(observed)
    .filter((record) => record.thumbprint !== thumbprint)
    .toSorted((a, b) => a.notAfter - b.notAfter)
  if (first === undefined || others.length + 1 < thumbprintsMax) return undefined
  const { rights } = unionWithout(observed, first)
  const fields = differences(first, rights)
  return { kind: 'edit', record: first, rights, fields, isGivenUp: true }
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
            rights: unionFor(observed, keyOf(subject.certificate)).rights,
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

function keyOf({ thumbprint, pin }: Certificate) {
  return { thumbprint, publicKeyPin: pin }
}

function nameOf({ commonName }: Certificate, fallback: string): string {
  return commonName === '' ? fallback : commonName
}

function rightsDiffer(observed: Observed): Decision | undefined {
  const wanted = editOf(observed, recordsOf(observed))
  if (wanted === undefined) return undefined
  if (observed.resource.spec.driftPolicy === 'Observe')
    return { kind: 'drifted', fields: wanted.fields }
  return isWriter(observed)
    ? wanted
    : wait('Applying', `The rights are being brought up to date: ${shownFields(wanted.fields)}`)
}

function editOf(
  observed: Observed,
  records: readonly CertificateState[],
): Extract<Decision, { kind: 'edit' }> | undefined {
  for (const record of records) {
    const { rights } = unionFor(observed, record)
    const fields = differences(record, rights)
    if (fields.length > 0) return { kind: 'edit', record, rights, fields }
  }
  return undefined
}

function isApplied(observed: Observed): Decision | undefined {
  const found = recordsOf(observed)
  const unions = found.map((record) => unionFor(observed, record))
  const [first] = unions
  if (first === undefined) return undefined
  const ends = unions.flatMap(({ endsAtMs }) => endsAtMs ?? [])
  const refused = refusedGrants(observed.resource)
  return {
    kind: 'ready',
    thumbprints: found
      .filter(({ notAfter }) => notAfter > observed.nowMs)
      .map(({ thumbprint }) => thumbprint),
    rights: first.rights,
    againAtMs: ends.length === 0 ? undefined : Math.min(...ends),
    ...(refused === undefined ? {} : { refused }),
  }
}
