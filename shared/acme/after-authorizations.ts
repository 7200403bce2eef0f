/** What is known of an order after an act about its authorizations, done side by side. Pure. */

import { again, progress, put, type Terms, waiting } from './changes.ts'
import { cleanUpsMax, detailCharactersMax } from './limits.ts'
import { nextAct } from './next-act.ts'
import type { AuthorizationState, OrderProblem, OrderState } from './order-state.ts'
import {
  fail,
  isRateLimited,
  isTransient,
  type Outcome,
  type Setback,
  setback,
} from './setbacks.ts'
import {
  afterSight,
  failureIn,
  longestRetryAfter,
  type Outcomes,
  obstacleOf,
  type Sight,
  unread,
  withChallenge,
} from './sights.ts'
import { brokenWaitMs, lookWaitMs } from './waits.ts'

/** `false`: the solver is there no longer. */
export function afterPresent(
  state: OrderState,
  outcomes: Outcomes<boolean>,
  terms: Terms,
): OrderState {
  const done = each(state, outcomes, (authorization, isPresent) =>
    isPresent ? withChallenge(authorization, { presented: true }) : unread(authorization),
  )
  return judged(state, done, { outcomes, terms, repeated: 'present' })
}

export function afterAnswer(state: OrderState, outcomes: Outcomes<void>, terms: Terms): OrderState {
  // Whoever was killed after the CA was asked is refused now: the authorization says how far it is.
  const settled = new Map(
    [...outcomes].map(([url, each]) => [url, isFinalRefusal(each.outcome) ? answered : each]),
  )
  const done = each(state, settled, (authorization) =>
    withChallenge(authorization, { answered: true }),
  )
  return judged(state, done, { outcomes: settled, terms, repeated: 'look' })
}

export function afterLook(state: OrderState, outcomes: Outcomes<Sight>, terms: Terms): OrderState {
  const done = each(state, outcomes, afterSight)
  const failure = failureIn(outcomes)
  if (failure !== undefined) return fail(put(state, { authorizations: done }), failure, terms)
  return judged(state, done, { outcomes, terms, repeated: 'look' })
}

/** Answers that cannot be taken away are left where they are after some tries: they open nothing. */
export function afterCleanUp(
  state: OrderState,
  outcomes: Outcomes<void>,
  terms: Terms,
): OrderState {
  const authorizations = state.authorizations.map((authorization) => {
    const found = outcomes.get(authorization.url)?.outcome
    const { challenge } = authorization
    if (found === undefined || challenge === undefined) return authorization
    if (found.kind === 'done') return withChallenge(authorization, { presented: false })
    return withChallenge(authorization, { cleanUps: Math.min(challenge.cleanUps + 1, cleanUpsMax) })
  })
  const tries = Math.max(0, ...authorizations.map(({ challenge }) => challenge?.cleanUps ?? 0))
  const isTroubled = [...outcomes.values()].some(({ outcome }) => outcome.kind !== 'done')
  if (!isTroubled) return put(state, { authorizations })
  const waitMs = brokenWaitMs(Math.max(tries, 1), terms.random)
  const isLater = Date.parse(state.againAt ?? '') > terms.nowMs + waitMs
  return put(state, { authorizations, ...(isLater ? {} : waiting(terms, waitMs)) })
}

/** How it goes on with authorizations as they are now: at once where something else is to be done, else after a wait. */
function judged<T>(
  before: OrderState,
  authorizations: OrderState['authorizations'],
  {
    outcomes,
    terms,
    repeated,
  }: {
    readonly outcomes: Outcomes<T>
    readonly terms: Terms
    /** The act that would be a repetition, and therefore has to wait. */
    readonly repeated: 'present' | 'look'
  },
): OrderState {
  const isNews = JSON.stringify(authorizations) !== JSON.stringify(before.authorizations)
  const known = isNews ? progress(before, { authorizations }) : put(before, { againAt: undefined })
  const trouble = worstOf(before, outcomes)
  if (trouble !== undefined) return setback(known, trouble.found, { terms, about: trouble.about })
  const obstacle = obstacleIn(before, outcomes)
  const isRepetition = nextAct(known, terms.nowMs).kind === repeated
  if (!isRepetition && obstacle === undefined) return known
  const retryAfterMs = longestRetryAfter(outcomes)
  const waitMs = (retries: number) => lookWaitMs(retries, terms.random, retryAfterMs)
  return again(known, terms, { waitMs, ...(obstacle && { problem: obstacle }) })
}

/** A refusal before a busy CA, that before a broken exchange. */
function worstOf<T>(
  state: OrderState,
  outcomes: Outcomes<T>,
): { readonly found: Setback; readonly about: Partial<OrderProblem> } | undefined {
  const rank = (found: Setback) =>
    found.kind === 'broken' ? 2 : isRateLimited(found.problem) ? 1 : isTransient(found) ? 2 : 0
  const [worst] = [...outcomes]
    .flatMap(([url, { outcome, solver }]) =>
      outcome.kind === 'done' ? [] : [{ found: outcome, about: placeOf(state, url, solver) }],
    )
    .toSorted((one, other) => rank(one.found) - rank(other.found))
  return worst
}

function placeOf(
  state: OrderState,
  url: string,
  solver: string | undefined,
): Partial<OrderProblem> {
  const authorization = state.authorizations.find((each) => each.url === url)
  return {
    ...(authorization?.name === undefined ? {} : { name: authorization.name }),
    ...(authorization?.challenge === undefined ? {} : { challenge: authorization.challenge.type }),
    ...(solver === undefined ? {} : { solver }),
  }
}

/** What keeps an authorization from going on, though nothing broke. */
function obstacleIn<T>(state: OrderState, outcomes: Outcomes<T>): OrderProblem | undefined {
  for (const [url, { outcome, solver }] of outcomes) {
    const words = outcome.kind === 'done' ? obstacleOf(outcome.value) : undefined
    if (words === undefined) continue
    const { type, detail, name } = words
    const place = { ...placeOf(state, url, solver), ...(name === undefined ? {} : { name }) }
    return { ...place, type, detail: detail.slice(0, detailCharactersMax) }
  }
  return undefined
}

const answered = { outcome: { kind: 'done', value: undefined } } as const

function isFinalRefusal(outcome: Outcome<void>): boolean {
  return outcome.kind === 'refused' && !isRateLimited(outcome.problem) && !isTransient(outcome)
}

function each<T>(
  state: OrderState,
  outcomes: Outcomes<T>,
  change: (authorization: AuthorizationState, value: T) => AuthorizationState,
): AuthorizationState[] {
  return state.authorizations.map((authorization) => {
    const found = outcomes.get(authorization.url)?.outcome
    return found?.kind === 'done' ? change(authorization, found.value) : authorization
  })
}
