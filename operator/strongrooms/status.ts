/** (observed, plan) → the status to write. Pure. */
import { internalUrl } from '#operator/api/names.ts'
import { ownIssuer } from '#operator/api/own-issuer.ts'
import type { Strongroom, StrongroomStatus } from '#operator/api/strongroom.ts'
import { awaitedReasons } from '#operator/cert-manager/progress.ts'
import { conditionsFrom, type Finding, isUnknown, triad } from '#operator/kube/conditions.ts'
import type { Observed } from './observe.ts'
import { isPassing, publicCertificateReady, renewalFailing } from './orders/condition.ts'
import type { Plan } from './plan.ts'
import { notServedYet } from './stages/members.ts'

/** Conditions that are always there, in the order in which people read them. */
const types = [
  'KeysReady',
  'CertificatesReady',
  'MembersHealthy',
  'CertificatesServed',
  'StoreTrusted',
] as const

export function statusOf(
  { cluster, nowMs }: Observed,
  { findings, status, halt, ordering }: Plan,
): StrongroomStatus {
  const generation = cluster.metadata.generation ?? 0
  const before = cluster.status ?? {}
  const state = summary(findings, halt)
  const isOrdered = ownIssuer(cluster) !== undefined
  const wanted = isOrdered ? [...types, publicCertificateReady] : types
  const specific = wanted.map(
    (type) => findings.find((finding) => finding.type === type) ?? notReached(type, before),
  )
  const url = internalUrl(cluster.metadata.name, cluster.metadata.namespace ?? 'default')
  return {
    ...kept(before),
    ...(isOrdered ? orderedOf(cluster, ordering) : {}),
    ...status,
    url,
    observedGeneration: generation,
    phase: { ready: 'Ready', working: 'Working', stalled: 'Stalled' }[state.kind],
    conditions: conditionsFrom([...triad(state), ...specific], before.conditions ?? [], {
      generation,
      nowMs,
    }),
  }
}

/** An order goes on at its issuer, or is let go: it never becomes another one's. */
function orderedOf(cluster: Strongroom, ordering: Plan['ordering']): StrongroomStatus {
  const before = cluster.status ?? {}
  const { order, certificate } = ordering ?? {
    order: before.order,
    certificate: before.publicCertificate,
  }
  const its = before.order === undefined ? undefined : before.orderIssuer
  const orderIssuer = order === undefined ? undefined : (its ?? ownIssuer(cluster)?.name)
  return known({ order, orderIssuer, publicCertificate: certificate })
}

/** What a later look must never forget: ids and fingerprints. */
function kept({
  image,
  storage,
  storeId,
  storeCommit,
  masterKeys,
  authorities,
  members,
  ready,
}: StrongroomStatus): StrongroomStatus {
  return known({ image, storage, storeId, storeCommit, masterKeys, authorities, members, ready })
}

function known(
  fields: { readonly [K in keyof StrongroomStatus]: StrongroomStatus[K] | undefined },
) {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as StrongroomStatus
}

function summary(findings: readonly Finding[], halt: Plan['halt']): Parameters<typeof triad>[0] {
  if (halt !== undefined) return halt
  // What fails while everything that is declared is still served is said by its own condition.
  const failed = findings.find(
    ({ status, reason }) => status === 'False' && reason !== renewalFailing,
  )
  if (failed === undefined)
    return {
      kind: 'ready',
      reason: 'Ready',
      message: 'Every member serves, with the keys and certificates that are declared',
    }
  const isWaiting =
    failed.reason === notServedYet || awaitedReasons.has(failed.reason) || isPassing(failed)
  return { kind: isWaiting ? 'working' : 'stalled', reason: failed.reason, message: failed.message }
}

function notReached(type: string, before: StrongroomStatus): Finding {
  const earlier = before.conditions?.find((condition) => condition.type === type)
  return isUnknown(type, 'NotReached', earlier?.message ?? 'An earlier stage has not finished yet')
}
