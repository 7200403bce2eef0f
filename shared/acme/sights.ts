/** What one look at authorizations finds, and what it makes of them. Pure. */
import type { Authorization } from './acme-api.ts'
import type { AuthorizationState, ChallengeState, OrderProblem } from './order-state.ts'
import type { Problem } from './problem.ts'
import { type Outcome, wordsOf } from './setbacks.ts'

/** What one look at one authorization found. */
export type Sight =
  /** An empty text: the answer is visible. Else why it is not yet. */
  | { readonly kind: 'checked'; readonly hidden: string }
  | {
      readonly kind: 'read'
      readonly status: Authorization['status']
      readonly name: string
      readonly retryAfterMs?: number | undefined
      /** The one that a solver of ours can answer; nothing where there is none. */
      readonly challenge?: Pick<ChallengeState, 'type' | 'url' | 'token' | 'thumbprint'> | undefined
      /** Types that the CA offers, for the message where none can be answered. */
      readonly offered: readonly string[]
      /** Of the challenge that failed. */
      readonly failure?: { readonly challenge: string; readonly problem: Problem } | undefined
    }
  /** The solver that had been chosen is there no longer. */
  | { readonly kind: 'unsolved' }

/** By URL of the authorization. `solver`: what the solver is called. */
export type Outcomes<T> = ReadonlyMap<
  string,
  { readonly outcome: Outcome<T>; readonly solver?: string | undefined }
>

export function afterSight(authorization: AuthorizationState, sight: Sight): AuthorizationState {
  if (sight.kind === 'unsolved') return unread(authorization)
  if (sight.kind === 'checked')
    return sight.hidden === '' ? withChallenge(authorization, { visible: true }) : authorization
  const { status, name, challenge } = sight
  const kept = authorization.challenge
  const isSame = kept !== undefined && kept.url === challenge?.url
  // One that was put there has to be taken away, whatever the CA says now.
  const present =
    isSame || kept?.presented === true || challenge === undefined ? kept : begin(challenge)
  const isUnsolved = status === 'pending' && present === undefined
  return {
    url: authorization.url,
    name,
    status: isUnsolved ? 'unread' : status,
    ...(present === undefined ? {} : { challenge: present }),
  }
}

function begin(
  challenge: Pick<ChallengeState, 'type' | 'url' | 'token' | 'thumbprint'>,
): ChallengeState {
  return { ...challenge, presented: false, visible: false, answered: false, cleanUps: 0 }
}

/** An authorization that became anything but pending or valid ends the order. */
export function failureIn(outcomes: Outcomes<Sight>): OrderProblem | undefined {
  for (const { outcome, solver } of outcomes.values()) {
    const sight = outcome.kind === 'done' ? outcome.value : undefined
    if (sight?.kind === 'read' && sight.status !== 'pending' && sight.status !== 'valid')
      return failureOf(sight, solver)
  }
  return undefined
}

function failureOf(
  { failure, name, status }: Extract<Sight, { readonly kind: 'read' }>,
  solver: string | undefined,
): OrderProblem {
  const detail = `the CA calls the authorization ${status}`
  const words =
    failure === undefined
      ? { type: 'strongroom:authorizationLost', detail }
      : wordsOf(failure.problem)
  const challenge = failure && knownType(failure.challenge)
  return {
    ...words,
    name,
    ...(challenge && { challenge }),
    ...(solver === undefined ? {} : { solver }),
  }
}

function knownType(type: string): ChallengeState['type'] | undefined {
  return (['http-01', 'dns-01', 'tls-alpn-01'] as const).find((each) => each === type)
}

/** What keeps it from going on, though nothing broke. */
export function obstacleOf(
  value: unknown,
): { readonly type: string; readonly detail: string; readonly name?: string } | undefined {
  const noSolver = 'strongroom:noSolver'
  if (value === false) return { type: noSolver, detail: 'no solver is configured for it any more' }
  if (!isSight(value)) return undefined
  if (value.kind === 'unsolved')
    return { type: noSolver, detail: 'no solver is configured for it any more' }
  if (value.kind === 'checked')
    return value.hidden === '' ? undefined : { type: 'strongroom:notVisible', detail: value.hidden }
  if (value.status !== 'pending' || value.challenge !== undefined) return undefined
  const detail = `no solver is configured for it: the CA offers ${value.offered.join(', ')}`
  return { type: noSolver, detail, name: value.name }
}

function isSight(value: unknown): value is Sight {
  return typeof value === 'object' && value !== null && 'kind' in value
}

export function longestRetryAfter<T>(outcomes: Outcomes<T>): number | undefined {
  const waits = [...outcomes.values()].flatMap(({ outcome }) => {
    const value: unknown = outcome.kind === 'done' ? outcome.value : undefined
    return isSight(value) && value.kind === 'read' ? (value.retryAfterMs ?? []) : []
  })
  return waits.length === 0 ? undefined : Math.max(...waits)
}

export function withChallenge(
  authorization: AuthorizationState,
  changes: Partial<ChallengeState>,
): AuthorizationState {
  const { challenge } = authorization
  return challenge === undefined
    ? authorization
    : { ...authorization, challenge: { ...challenge, ...changes } }
}

/** Read again, and another solver is chosen. */
export function unread({ url, name }: AuthorizationState): AuthorizationState {
  return { url, ...(name === undefined ? {} : { name }), status: 'unread' }
}
