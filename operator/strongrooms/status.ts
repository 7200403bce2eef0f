/** (observed, plan) → the status to write. Pure. */
import { internalUrl } from '#operator/api/names.ts'
import type { StrongroomStatus } from '#operator/api/strongroom.ts'
import { awaitedReasons } from '#operator/cert-manager/progress.ts'
import { conditionsFrom, type Finding, isUnknown, triad } from '#operator/kube/conditions.ts'
import type { Observed } from './observe.ts'
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
  { findings, status, halt }: Plan,
): StrongroomStatus {
  const generation = cluster.metadata.generation ?? 0
  const before = cluster.status ?? {}
  const state = summary(findings, halt)
  const specific = types.map(
    (type) => findings.find((finding) => finding.type === type) ?? notReached(type, before),
  )
  const url = internalUrl(cluster.metadata.name, cluster.metadata.namespace ?? 'default')
  return {
    ...kept(before),
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

/** What a later look must never forget: ids and fingerprints. */
function kept({
  image,
  storeId,
  storeCommit,
  masterKeys,
  members,
  ready,
}: StrongroomStatus): StrongroomStatus {
  return Object.fromEntries(
    Object.entries({ image, storeId, storeCommit, masterKeys, members, ready }).filter(
      ([, value]) => value !== undefined,
    ),
  )
}

function summary(findings: readonly Finding[], halt: Plan['halt']): Parameters<typeof triad>[0] {
  if (halt !== undefined) return halt
  const failed = findings.find(({ status }) => status === 'False')
  if (failed === undefined)
    return {
      kind: 'ready',
      reason: 'Ready',
      message: 'Every member serves, with the keys and certificates that are declared',
    }
  const isWaiting = failed.reason === notServedYet || awaitedReasons.has(failed.reason)
  return { kind: isWaiting ? 'working' : 'stalled', reason: failed.reason, message: failed.message }
}

function notReached(type: string, before: StrongroomStatus): Finding {
  const earlier = before.conditions?.find((condition) => condition.type === type)
  return isUnknown(type, 'NotReached', earlier?.message ?? 'An earlier stage has not finished yet')
}
