/** The StrongroomIssuer controller: which key an event concerns, and the steps of one reconcile. */
import { type Attempts, basisOf } from '#operator/access/attempts.ts'
import { withRefusals } from '#operator/access/refusals.ts'
import { strongroomIssuers } from '#operator/api/issuer.ts'
import { type Strongroom, strongrooms } from '#operator/api/strongroom.ts'
import type { Follow } from '#operator/kube/followed.ts'
import { fieldManager } from '#operator/kube/labels.ts'
import { type Report, writeStatus } from '#operator/kube/status.ts'
import { wakeWithItself, wakeWithSecrets } from '#operator/kube/wake.ts'
import { again, done, type Outcome, stalled, waiting } from '#operator/runtime/outcome.ts'
import type { WorkQueue } from '#operator/runtime/queue.ts'
import { act } from './act.ts'
import { type Answer, ask, type Connect } from './ask.ts'
import { doubtedIssuer, type Observed, type ObserveMeans, observe, secretsOf } from './observe.ts'
import { type Decision, decide } from './plan.ts'
import { statusOf } from './status.ts'

export interface IssuerMeans extends ObserveMeans {
  readonly report: Report
  readonly attempts: Attempts
  /** Secrets of users are watched one by one. */
  readonly follow: Follow
  /** Speaks with a CA. */
  readonly connectCa: Connect
  /** A number in [0, 1). */
  readonly random: () => number
}

/** An issuer wakes with itself, with its Secrets, and with orders that were refused because of its account. */
export function wakeIssuers({ cache }: ObserveMeans, queue: WorkQueue): void {
  wakeWithItself({ cache, queue }, strongroomIssuers)
  wakeWithSecrets({ cache, queue }, strongroomIssuers)
  cache.onObject<Strongroom>(strongrooms, (cluster) => {
    const name = doubtedIssuer(cluster)
    if (name !== undefined) queue.add(`${cluster.metadata.namespace}/${name}`)
  })
}

export function reconcileIssuer(key: string, means: IssuerMeans): Promise<Outcome> {
  const reconciled = { kind: strongroomIssuers, fieldManager: fieldManager.issuers, key }
  return withRefusals(reconciled, means, () => reconcile(key, means))
}

async function reconcile(key: string, means: IssuerMeans): Promise<Outcome> {
  const observed = await observe(key, means)
  means.follow(key, observed === undefined ? [] : secretsOf(observed.resource))
  if (observed === undefined || observed.resource.metadata.deletionTimestamp !== undefined)
    return done
  const decision = decide(observed)
  const attempt = { key, act: decision.kind, basis: basisOf(observed.resource) }
  means.attempts.demandAllowed(attempt)
  const answer =
    decision.kind === 'ask' ? await ask(decision.question, observed, means.connectCa) : undefined
  // A new key is put in use before it is on record: who is killed in between finds it at the CA. All else is on record first.
  const isSwap = decision.kind === 'ask' && decision.question === 'roll-over'
  if (!isSwap) await remember(observed, { decision, answer }, means)
  const deed = await means.attempts.run(attempt, () =>
    act(means.kube, observed, { decision, answer }),
  )
  if (isSwap) await remember(observed, { decision, answer }, means)
  if (deed !== undefined) await means.report(observed.resource, deed, 'Normal')
  return outcomeOf(decision, observed.nowMs)
}

interface Decided {
  readonly decision: Decision
  readonly answer: Answer | undefined
}

function remember(
  observed: Observed,
  { decision, answer }: Decided,
  means: IssuerMeans,
): Promise<unknown> {
  return writeStatus(means, {
    kind: strongroomIssuers,
    resource: observed.resource,
    status: statusOf(observed, decision, { answer, random: means.random }),
    fieldManager: fieldManager.issuers,
  })
}

/** What was done shows in an event, which wakes at once. */
function outcomeOf(decision: Decision, nowMs: number): Outcome {
  switch (decision.kind) {
    case 'stalled':
      return stalled(decision.reason)
    case 'wait':
      return waiting(decision.reason)
    case 'later':
    case 'ready':
      return again(Math.min(Math.max(decision.againAtMs - nowMs, soonMs), longestMs))
    default:
      return again(soonMs)
  }
}

const soonMs = 1_000
/** A timer of Node holds 24.8 days at most. */
const longestMs = 86_400_000
