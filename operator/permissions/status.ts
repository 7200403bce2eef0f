/** (observed, decision) → the status to write. Pure. */
import { refusedGrants } from '#operator/access/database-grants.ts'
import type { Rights } from '#operator/access/rights.ts'
import { shownFields } from '#operator/access/shown-fields.ts'
import type { StrongroomPermissionStatus } from '#operator/api/permission.ts'
import { conditionsFrom, type Finding, isFalse, isTrue, triad } from '#operator/kube/conditions.ts'
import { thumbprintsMax } from '#operator/limits.ts'
import type { Observed } from './observe.ts'
import type { Decision } from './plan.ts'

export function statusOf(
  { resource, nowMs }: Observed,
  decision: Decision,
): StrongroomPermissionStatus {
  const generation = resource.metadata.generation ?? 0
  const before = resource.status ?? {}
  const findings = [...triad(stateOf(decision)), driftFinding(decision), grantsFinding(resource)]
  return {
    ...appliedOf(before, decision),
    ...driftOf(before, decision, nowMs),
    observedGeneration: generation,
    conditions: conditionsFrom(findings, before.conditions ?? [], { generation, nowMs }),
  }
}

/** What people see of it; what deletion takes back stands in an annotation. */
function appliedOf(
  before: StrongroomPermissionStatus,
  decision: Decision,
): StrongroomPermissionStatus {
  const known = before.applied?.thumbprints ?? []
  switch (decision.kind) {
    case 'register':
      return applied([...known, decision.certificate.thumbprint], decision.rights)
    case 'edit':
      return applied([...known, decision.record.thumbprint], decision.rights)
    case 'ready':
      return applied(decision.thumbprints, decision.rights)
    default:
      return before.applied === undefined ? {} : { applied: before.applied }
  }
}

function applied(
  thumbprints: readonly string[],
  { clearance, permissions }: Rights,
): StrongroomPermissionStatus {
  const databases = Object.entries(permissions).map(([name, access]) => ({ name, access }))
  return {
    applied: {
      thumbprints: [...new Set(thumbprints)].slice(-thumbprintsMax),
      clearance,
      databases,
    },
  }
}

function driftOf(
  before: StrongroomPermissionStatus,
  decision: Decision,
  nowMs: number,
): StrongroomPermissionStatus {
  const hadApplied = before.applied !== undefined
  if (hadApplied && (decision.kind === 'edit' || decision.kind === 'drifted')) {
    const fields = [...decision.fields]
    const isSame = before.lastDrift?.fields.join() === fields.join() && decision.kind === 'drifted'
    return {
      lastDrift:
        isSame && before.lastDrift !== undefined
          ? before.lastDrift
          : { time: new Date(nowMs).toISOString(), fields },
    }
  }
  return before.lastDrift === undefined ? {} : { lastDrift: before.lastDrift }
}

function driftFinding(decision: Decision): Finding {
  return decision.kind === 'drifted'
    ? isTrue(
        'DriftDetected',
        'RightsDiffer',
        `The rights on the server differ in ${shownFields(decision.fields)}; spec.driftPolicy is Observe, so they stay`,
      )
    : isFalse(
        'DriftDetected',
        'AsDeclared',
        'Nothing on the server was found to differ that is not being repaired',
      )
}

/** Of the databases that are named; those that can be given are given, whatever this says. */
function grantsFinding(resource: Observed['resource']): Finding {
  const refused = refusedGrants(resource)
  return refused === undefined
    ? isFalse('DatabasesRefused', 'Valid', 'Every database that is named can be given')
    : isTrue('DatabasesRefused', 'DatabaseNameInvalid', refused)
}

function stateOf(decision: Decision): Parameters<typeof triad>[0] {
  switch (decision.kind) {
    case 'ready':
      if (decision.refused !== undefined)
        return { kind: 'stalled', reason: 'DatabaseNameInvalid', message: decision.refused }
      return {
        kind: 'ready',
        reason: 'Ready',
        message: `${decision.thumbprints.length} certificate(s) on the server have these rights`,
      }
    case 'drifted':
      return {
        kind: 'stalled',
        reason: 'DriftDetected',
        message: `The rights on the server differ in ${shownFields(decision.fields)}`,
      }
    case 'stalled':
      return decision
    case 'wait':
      return { ...decision, kind: 'working' }
    default:
      return { kind: 'working', reason: 'Applying', message: 'The rights are being applied' }
  }
}
