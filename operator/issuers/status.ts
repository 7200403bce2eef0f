/** (observed, decision, answer of the CA) → the status to write. Pure. */
import type { StrongroomIssuerStatus } from '#operator/api/issuer.ts'
import { type Condition, conditionsFrom, triad } from '#operator/kube/conditions.ts'
import { sha256Of } from '#operator/kube/tls-secret.ts'
import { refusalBackoff } from '#operator/limits.ts'
import { brokenBackoff } from '#shared/acme/limits.ts'
import { backoffMs } from '#shared/backoff.ts'
import type { Answer } from './ask.ts'
import type { Observed } from './observe.ts'
import type { Decision } from './plan.ts'

/** @param answer of the CA, where the decision was to ask; @param random a number in [0, 1) */
export function statusOf(
  observed: Observed,
  decision: Decision,
  { answer, random }: { readonly answer: Answer | undefined; readonly random: () => number },
): StrongroomIssuerStatus {
  const { resource, nowMs } = observed
  const generation = resource.metadata.generation ?? 0
  const before = resource.status?.conditions ?? []
  const state = stateOf(observed, decision, answer)
  return {
    type: resource.spec.ca === undefined ? 'acme' : 'ca',
    ...accountOf(observed, decision, answer),
    ...certificateOf(observed),
    ...retryOf(observed, { decision, answer, random }),
    observedGeneration: decision.kind === 'later' ? observedBefore(observed) : generation,
    conditions:
      state === undefined
        ? [...before]
        : conditionsFrom(triad(state), before, { generation, nowMs }),
  }
}

/** A spec that changed is looked at with the CA. */
function observedBefore({ resource }: Observed): number {
  return resource.status?.observedGeneration ?? 0
}

/** Never forgotten: a key that vanished is missed because of it. */
function accountOf(
  { resource, account: key }: Observed,
  decision: Decision,
  answer: Answer | undefined,
): Pick<StrongroomIssuerStatus, 'account'> {
  if (answer?.kind === 'account') return { account: answer.account }
  const before = resource.status?.account
  if (before === undefined) return {}
  if (decision.kind !== 'unstage' || decision.value === undefined || key.kind !== 'usable')
    return { account: before }
  const keyThumbprint = key.thumbprint
  return { account: { ...before, keyThumbprint, rolledOver: decision.value } }
}

function certificateOf({ authority }: Observed): Pick<StrongroomIssuerStatus, 'certificate'> {
  if (authority?.kind !== 'usable') return {}
  const { certificate } = authority
  const notAfter = new Date(certificate.notAfter).toISOString()
  return { certificate: { sha256: sha256Of(certificate), notAfter } }
}

interface Asked {
  readonly decision: Decision
  readonly answer: Answer | undefined
  readonly random: () => number
}

/** Written down, so that a restart asks no sooner. An answer ends it. */
function retryOf(
  { resource, inputs, nowMs }: Observed,
  { decision, answer, random }: Asked,
): Pick<StrongroomIssuerStatus, 'retry'> {
  const before = resource.status?.retry
  if (answer?.kind !== 'trouble')
    return decision.kind === 'ask' || before === undefined ? {} : { retry: before }
  const failures = (before?.inputs === inputs ? before.failures : 0) + 1
  const backoff = answer.halt.kind === 'wait' ? brokenBackoff : refusalBackoff
  const waitMs = answer.afterMs ?? backoffMs(backoff, failures, random)
  return { retry: { failures, inputs, againAt: new Date(nowMs + waitMs).toISOString() } }
}

/** Nothing: as before. */
function stateOf(
  observed: Observed,
  decision: Decision,
  answer: Answer | undefined,
): Parameters<typeof triad>[0] | undefined {
  if (answer?.kind === 'trouble') return halted(answer.halt)
  if (answer?.kind === 'account') return ready(observed, answer.account.url)
  switch (decision.kind) {
    case 'stalled':
    case 'wait':
      return halted(decision)
    case 'later':
      return undefined
    case 'ready':
      return ready(observed, observed.resource.status?.account?.url ?? '')
    default:
      return isReadyNow(observed.resource.status?.conditions)
        ? undefined
        : { kind: 'working', reason: 'Registering', message: 'The account is being prepared' }
  }
}

function halted(halt: Extract<Decision, { kind: 'wait' | 'stalled' }>) {
  const { reason, message } = halt
  return { kind: halt.kind === 'wait' ? ('working' as const) : halt.kind, reason, message }
}

function ready({ authority, solverTrouble }: Observed, url: string): Parameters<typeof triad>[0] {
  if (authority?.kind === 'usable') {
    const end = new Date(authority.certificate.notAfter).toISOString()
    return { kind: 'ready', reason: 'AuthorityReady', message: `The CA may sign until ${end}` }
  }
  return solverTrouble === undefined
    ? { kind: 'ready', reason: 'AccountReady', message: `The CA knows account ${url}` }
    : { kind: 'stalled', reason: 'SecretMissing', message: solverTrouble }
}

function isReadyNow(conditions: readonly Condition[] = []): boolean {
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
}
