/**
 * Observed → Decision: an ordered list of checks, the first that fires decides. Pure.
 *
 * A renewal is staged: new key and certificate into a Secret of their own → registered with the rights of the old one → into
 * the Secret that programs use → the old one dropped from the server at its end. A crash between two steps repeats the second.
 */
import {
  isClusterGoing,
  misfitHalt,
  missingClusterHalt,
  stall,
  storeHalt,
  undecided,
  unreachableHalt,
  wait,
} from '#operator/access/halts.ts'
import type { CertificateState } from '#operator/admin/admin.ts'
import { strongroomCertificates } from '#operator/api/certificate.ts'
import { isEarlier } from '#operator/kube/age.ts'
import { annotation, finalizer } from '#operator/kube/labels.ts'
import { isOwn } from '#operator/kube/ownership.ts'
import { supersededMax } from '#operator/limits.ts'
import { type Check, firstFinding } from '#shared/checks.ts'
import { renewAt } from '#shared/pki/renewal.ts'
import { isNewerThere, issuerOf } from './arrival.ts'
import {
  anotherSigns,
  isHindered,
  mustBeAsked,
  mustBeWithdrawn,
  nothingHasArrived,
} from './asked.ts'
import type { Decision } from './decision.types.ts'
import { reasonAgainst, revokedReason } from './due.ts'
import type { Observed } from './observe.ts'
import { inputsOf, isWhole } from './output.ts'
import { ownRecords, unionFor } from './records.ts'
import { hasTooMuch, isNotRegistered, mustBeSignedAnew, rightsDiffer } from './registration.ts'
import { secretIsRefused, secretIsReserved } from './secret-checks.ts'
import { signerOf } from './signer.ts'
import { nothingCanBeIssued, signerIsAway } from './signing.ts'

export const checks: readonly Check<Observed, Decision>[] = [
  hasNothingToUndo,
  mustLeaveServer,
  hasTooMuch,
  needsFinalizer,
  doesNotFitSchema,
  clusterIsMissing,
  secretIsReserved,
  secretIsNotOurs,
  isDeclaredTwice,
  secretIsRefused,
  passwordIsMissing,
  authorityIsMissing,
  storeIsNotTrusted,
  anotherSigns,
  mustBeAsked,
  stagedIsUnusable,
  tooManyAreAccepted,
  mustBeIssued,
  mustBeSignedAnew,
  nothingHasArrived,
  nothingCanBeIssued,
  serverIsUnreachable,
  isNotRegistered,
  rightsDiffer,
  stagedMustBePublished,
  stagedIsPublished,
  secretDiffers,
  supersededHasEnded,
  isHindered,
  signerIsAway,
  isReady,
]

export function decide(observed: Observed): Decision {
  return firstFinding(checks, observed) ?? undecided
}

function isDeleting({ resource }: Observed): boolean {
  return resource.metadata.deletionTimestamp !== undefined
}

function registered({ records }: Observed, thumbprint: string): CertificateState | undefined {
  return records?.find((record) => record.thumbprint === thumbprint)
}

function hasNothingToUndo(observed: Observed): Decision | undefined {
  if (!isDeleting(observed)) return undefined
  const isGone = observed.records !== undefined && ownRecords(observed).length === 0
  if (!isClusterGoing(observed) && !isGone) return undefined
  if (isStagedOurs(observed)) return { kind: 'discard' }
  return mustBeWithdrawn(observed) ?? { kind: 'release' }
}

function mustLeaveServer(observed: Observed): Decision | undefined {
  if (!isDeleting(observed)) return undefined
  if (observed.records === undefined)
    return wait(
      'ServerUnreachable',
      `The certificate is revoked once the server can be reached: ${observed.unreachable}`,
    )
  return {
    kind: 'unregister',
    thumbprints: ownRecords(observed).map(({ thumbprint }) => thumbprint),
  }
}

function needsFinalizer({ resource }: Observed): Decision | undefined {
  return resource.metadata.finalizers?.includes(finalizer) === true ? undefined : { kind: 'hold' }
}

function doesNotFitSchema({ resource }: Observed): Decision | undefined {
  return misfitHalt(strongroomCertificates, resource)
}

function clusterIsMissing({ cluster, resource }: Observed): Decision | undefined {
  return missingClusterHalt(cluster, resource)
}

function secretIsNotOurs(observed: Observed): Decision | undefined {
  const { target, staged, resource } = observed
  if (target !== undefined && !isOwn(target, resource))
    return stall(
      'SecretOwnedByOther',
      `Secret "${resource.spec.secretName}" exists and was not made for this resource: name another in a new resource, or delete it`,
    )
  if (staged === undefined || isStagedOurs(observed)) return undefined
  return stall(
    'SecretOwnedByOther',
    `Secret "${staged.metadata.name}", in which the next key is kept, exists and was not made for this resource: rename or delete it`,
  )
}

function isStagedOurs({ staged, resource }: Observed): boolean {
  return staged !== undefined && isOwn(staged, resource)
}

function isDeclaredTwice({ resource, rivals }: Observed): Decision | undefined {
  const elder = rivals.find((rival) => isEarlier(rival, resource))
  return elder === undefined
    ? undefined
    : stall(
        'Conflict',
        `StrongroomCertificate "${elder.metadata.name}" writes the same Secret and is older`,
      )
}

function passwordIsMissing({ password, resource }: Observed): Decision | undefined {
  if (password !== undefined) return undefined
  const { name, key } = resource.spec.keystore?.passwordSecretRef ?? { name: '', key: '' }
  return stall(
    'PasswordMissing',
    `Secret "${name}" does not hold the keystore's password under "${key}"`,
  )
}

function authorityIsMissing({ authority, trust, resource }: Observed): Decision | undefined {
  const isOwnMissing = authority.kind === 'unusable' && signerOf(resource) === undefined
  return isOwnMissing || trust === undefined
    ? wait('ClusterNotReady', "The cluster's authority is not there yet")
    : undefined
}

function storeIsNotTrusted({ cluster, storeId }: Observed): Decision | undefined {
  return storeHalt(cluster, storeId)
}

function stagedIsUnusable(observed: Observed): Decision | undefined {
  if (observed.staged === undefined) return undefined
  const isOfUse =
    issuerOf(observed) === undefined && reasonAgainst(observed, observed.next) === undefined
  return isOfUse ? undefined : { kind: 'discard' }
}

/** Before another one is issued, the oldest leaves the server: what status can no longer name could never be revoked. */
function tooManyAreAccepted(observed: Observed): Decision | undefined {
  const { resource, staged, records, unreachable } = observed
  const [oldest, ...others] = resource.status?.superseded ?? []
  if (oldest === undefined || others.length + 1 < supersededMax || staged !== undefined)
    return undefined
  if (!isSuccessorDue(observed)) return undefined
  if (records === undefined)
    return wait('ServerUnreachable', unreachable ?? 'No member of the cluster is ready')
  const { thumbprint } = oldest
  const why = `${supersededMax} came after it`
  return registered(observed, thumbprint) === undefined
    ? undefined
    : { kind: 'retire', thumbprint, why }
}

function isSuccessorDue(observed: Observed): boolean {
  return issuerOf(observed) === undefined
    ? reasonAgainst(observed, observed.current) !== undefined
    : isNewerThere(observed)
}

function mustBeIssued(observed: Observed): Decision | undefined {
  if (observed.staged !== undefined || issuerOf(observed) !== undefined) return undefined
  const why = reasonAgainst(observed, observed.current) ?? revokedReason(observed)
  if (why === undefined || observed.authority.kind === 'unusable') return undefined
  return { kind: 'stage', why }
}

function serverIsUnreachable({ records, unreachable }: Observed): Decision | undefined {
  return unreachableHalt(records, unreachable)
}

function stagedMustBePublished({ next, current }: Observed): Decision | undefined {
  if (next.kind === 'unusable') return undefined
  const isPublished =
    current.kind === 'usable' && current.certificate.thumbprint === next.certificate.thumbprint
  return isPublished ? undefined : { kind: 'publish', from: 'staged' }
}

function stagedIsPublished({ staged }: Observed): Decision | undefined {
  return staged === undefined ? undefined : { kind: 'unstage' }
}

function secretDiffers(observed: Observed): Decision | undefined {
  const present = observed.target?.metadata.annotations?.[annotation.inputs]
  return present === inputsOf(observed, 'current') && isWhole(observed)
    ? undefined
    : { kind: 'publish', from: 'current' }
}

function supersededHasEnded({ resource, nowMs, records }: Observed): Decision | undefined {
  const ended = (resource.status?.superseded ?? []).find(
    ({ notAfter, thumbprint }) =>
      Date.parse(notAfter) <= nowMs && records?.some((record) => record.thumbprint === thumbprint),
  )
  return ended === undefined
    ? undefined
    : { kind: 'retire', thumbprint: ended.thumbprint, why: 'it has expired' }
}

function isReady(observed: Observed): Decision | undefined {
  const { current, resource } = observed
  if (current.kind === 'unusable') return undefined
  const ends = ownRecords(observed).flatMap((record) => unionFor(observed, record).endsAtMs ?? [])
  const superseded = (resource.status?.superseded ?? []).map(({ notAfter }) => Date.parse(notAfter))
  return {
    kind: 'ready',
    againAtMs: Math.min(
      // cert-manager renews by itself.
      issuerOf({ resource }) === undefined
        ? renewAt(current.certificate)
        : current.certificate.notAfter,
      ...ends,
      ...superseded,
    ),
  }
}
