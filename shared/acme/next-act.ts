/**
 * The decision: which one act is next for an order, or until when it waits. Pure. Authorizations are worked on side by side, so an
 * act is about all that are at the same point.
 */
import { type Check, firstFinding } from '#shared/checks.ts'
import { cleanUpsMax, clockSkewMs, retryAfterMaxMs } from './limits.ts'
import type { AuthorizationState, ChallengeState, OrderState } from './order-state.ts'

/** `urls`: which authorizations. */
export type Act =
  | { readonly kind: 'wait'; readonly untilMs: number }
  | { readonly kind: 'clean-up'; readonly urls: readonly string[] }
  | { readonly kind: 'new-order' }
  /** Too late for this order: nobody is asked. */
  | { readonly kind: 'give-up' }
  | { readonly kind: 'read-order' }
  | { readonly kind: 'present'; readonly urls: readonly string[] }
  | { readonly kind: 'answer'; readonly urls: readonly string[] }
  /** Is the answer visible, has the CA decided. */
  | { readonly kind: 'look'; readonly urls: readonly string[] }
  | { readonly kind: 'finalize' }
  | { readonly kind: 'download' }

interface Question {
  readonly state: OrderState
  readonly nowMs: number
}

const actChecks: readonly Check<Question, Act>[] = [
  answersWereNeverTakenAway,
  isTooEarly,
  answersWereNotTakenAway,
  thereIsNoOrder,
  orderHasExpired,
  certificateIsReady,
  requestIsAwaited,
  answersAreNotPresented,
  answersAreVisible,
  authorizationsAreOpen,
]

export function nextAct(state: OrderState, nowMs: number): Act {
  return firstFinding(actChecks, { state, nowMs }) ?? { kind: 'read-order' }
}

/** The first try comes at once: after the request for the certificate there is time for it, after a failure even more. */
function answersWereNeverTakenAway({ state }: Question): Act | undefined {
  return leftOver(state, (challenge) => challenge.cleanUps === 0)
}

/** Nobody waits by a clock that was wrong: neither for a time further away than anybody may ask for, nor since one that is yet to come. */
function isTooEarly({ state, nowMs }: Question): Act | undefined {
  const untilMs = Date.parse(state.againAt ?? '')
  const isBelieved = untilMs - nowMs <= retryAfterMaxMs && !clockWentBack(state, nowMs)
  return untilMs > nowMs && isBelieved ? { kind: 'wait', untilMs } : undefined
}

function clockWentBack({ waitsSince }: OrderState, nowMs: number): boolean {
  return Date.parse(waitsSince ?? '') > nowMs + clockSkewMs
}

function answersWereNotTakenAway({ state }: Question): Act | undefined {
  return leftOver(state, (challenge) => challenge.cleanUps < cleanUpsMax)
}

function thereIsNoOrder({ state }: Question): Act | undefined {
  return state.orderUrl === undefined ? { kind: 'new-order' } : undefined
}

/** What the CA works on already it finishes. */
function orderHasExpired({ state, nowMs }: Question): Act | undefined {
  const isOver = Date.parse(state.expiresAt ?? '') <= nowMs
  return isOver && !state.finalized ? { kind: 'give-up' } : undefined
}

function certificateIsReady({ state }: Question): Act | undefined {
  const isReady = state.status === 'valid' && state.certificateUrl !== undefined
  return isReady ? { kind: 'download' } : undefined
}

function requestIsAwaited({ state }: Question): Act | undefined {
  return state.status === 'ready' ? { kind: 'finalize' } : undefined
}

function answersAreNotPresented({ state }: Question): Act | undefined {
  return whereSome('present', state, ({ challenge }) => challenge?.presented === false)
}

function answersAreVisible({ state }: Question): Act | undefined {
  return whereSome(
    'answer',
    state,
    ({ challenge }) => challenge?.visible === true && !challenge.answered,
  )
}

function authorizationsAreOpen({ state }: Question): Act | undefined {
  return whereSome('look', state, () => true)
}

function leftOver(
  state: OrderState,
  which: (challenge: ChallengeState) => boolean,
): Act | undefined {
  const isOver = state.finalized || state.orderUrl === undefined
  const urls = isOver
    ? state.authorizations
        .filter(({ challenge }) => challenge?.presented === true && which(challenge))
        .map(({ url }) => url)
    : []
  return urls.length === 0 ? undefined : { kind: 'clean-up', urls }
}

/** Only while the order is pending, and of the authorizations those that are not decided. */
function whereSome(
  kind: 'present' | 'answer' | 'look',
  state: OrderState,
  which: (authorization: AuthorizationState) => boolean,
): Act | undefined {
  const isOpen = ({ status }: AuthorizationState) => status === 'unread' || status === 'pending'
  const urls =
    state.status === 'pending'
      ? state.authorizations.filter((each) => isOpen(each) && which(each)).map(({ url }) => url)
      : []
  return urls.length === 0 ? undefined : { kind, urls }
}
