/**
 * The last word on every reconcile: what was refused stands in the conditions of the resource, whichever controller asked, and whatever that controller had
 * written before. No act that failed leaves a resource Ready.
 */
import type { CustomKind } from '#operator/api/kind.ts'
import type { Cache } from '#operator/kube/cache.ts'
import { type Condition, conditionsFrom, type Finding, triad } from '#operator/kube/conditions.ts'
import { covers } from '#operator/kube/covers.ts'
import { refOfKey } from '#operator/kube/key.ts'
import type { Kube } from '#operator/kube/kube.ts'
import { type Report, type WithStatus, writeStatus } from '#operator/kube/status.ts'
import { type Outcome, retry, stalled } from '#operator/runtime/outcome.ts'
import type { Clock } from '#shared/clock.ts'
import { ActFailed, type Attempts } from './attempts.ts'
import { type Failure, failureOf, ownFault } from './failure.ts'

export interface RefusalMeans {
  readonly kube: Kube
  readonly cache: Cache
  readonly clock: Clock
  readonly report: Report
  readonly attempts: Attempts
}

export interface Reconciled {
  readonly kind: CustomKind
  readonly fieldManager: string
  /** `namespace/name` */
  readonly key: string
}

/** Reconciles; an act that failed, and a look or a status that was refused, is written into the conditions. */
export async function withRefusals(
  reconciled: Reconciled,
  means: RefusalMeans,
  reconcile: () => Promise<Outcome>,
): Promise<Outcome> {
  const { kind, key } = reconciled
  if (means.cache.get(kind, refOfKey(key)) === undefined) means.attempts.forget(key)
  try {
    return await reconcile()
  } catch (error) {
    const failure = error instanceof ActFailed ? error.failure : failureOf(error)
    // A look that failed in a way that passes says nothing: status stays as it is until somebody could look.
    if (!failure.isRefusal && !(error instanceof ActFailed)) throw error
    await note(reconciled, failure, means)
    if (failure.reason === ownFault && !(error instanceof ActFailed)) throw error
    return outcomeOf(error, failure, means.clock.now())
  }
}

export function outcomeOf(error: unknown, failure: Failure, nowMs: number): Outcome {
  if (!failure.isRefusal) return retry(error)
  return error instanceof ActFailed
    ? stalled(failure.reason, Math.max(error.untilMs - nowMs, 0))
    : stalled(failure.reason)
}

/** As the triad of conditions says it. */
export function stateOf({ isRefusal, reason, message }: Failure): {
  readonly kind: 'working' | 'stalled'
  readonly reason: string
  readonly message: string
} {
  return { kind: isRefusal ? 'stalled' : 'working', reason, message }
}

/** Over the status as it is now, not as the cache shows it: what this reconcile has written already is not lost. */
async function note(
  { kind, fieldManager, key }: Reconciled,
  failure: Failure,
  means: RefusalMeans,
): Promise<void> {
  const findings = triad(stateOf(failure))
  const ref = refOfKey(key)
  if (isSaid(means.cache.get<WithStatus>(kind, ref), findings)) return
  const resource = await means.kube.get<WithStatus>(kind, ref)
  if (resource === undefined) return
  const { generation = 0 } = resource.metadata
  const before = resource.status?.conditions ?? []
  const observation = { generation, nowMs: means.clock.now() }
  const status = {
    ...resource.status,
    ...('phase' in kind.status.properties ? { phase: phases[stateOf(failure).kind] } : {}),
    observedGeneration: generation,
    conditions: [...conditionsFrom(findings, before, observation), ...others(before, findings)],
  }
  await writeStatus(means, { kind, resource, status, fieldManager })
}

const phases = { working: 'Working', stalled: 'Stalled' } as const

function isSaid(resource: WithStatus | undefined, findings: readonly Finding[]): boolean {
  const { generation: observedGeneration = 0 } = resource?.metadata ?? {}
  return findings.every((finding) => {
    const said = resource?.status?.conditions?.find(({ type }) => type === finding.type)
    return covers(said, { ...finding, observedGeneration })
  })
}

function others(before: readonly Condition[], findings: readonly Finding[]): readonly Condition[] {
  return before.filter(({ type }) => !findings.some((finding) => finding.type === type))
}
