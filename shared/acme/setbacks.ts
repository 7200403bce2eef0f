/** What becomes of an order when an act did not do what it should. Pure. */

import { again, freshOrder, leftOvers, type Terms, waiting } from './changes.ts'
import { detailCharactersMax, nameCharactersMax } from './limits.ts'
import type { OrderProblem, OrderState } from './order-state.ts'
import { type AcmeProblem, type Problem, rateLimited } from './problem.ts'
import { brokenWaitMs, failureWaitMs } from './waits.ts'

/** How an exchange or a solver's act ended. */
export type Outcome<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'refused'; readonly problem: AcmeProblem }
  /** No answer, or a solver that could not: the same is tried again. `code`: of an error that has one. */
  | { readonly kind: 'broken'; readonly detail: string; readonly code?: string }

export type Setback = Exclude<Outcome<never>, { readonly kind: 'done' }>

/** Nothing comes of this order any more: the next begins after a wait that doubles. */
export function fail(state: OrderState, problem: OrderProblem, terms: Terms): OrderState {
  const attempts = state.attempts + 1
  return {
    ...freshOrder(state),
    authorizations: leftOvers(state),
    withoutReplaces: state.withoutReplaces,
    attempts,
    ...waiting(terms, failureWaitMs(attempts, terms.lifeMs)),
    problem,
  }
}

/**
 * A setback of the whole order: a CA that is out of order or busy is asked again and costs no attempt, a refusal ends the order.
 * `about`: what is known of the place where it happened.
 */
export function setback(
  state: OrderState,
  found: Setback,
  { terms, about = {} }: { readonly terms: Terms; readonly about?: Partial<OrderProblem> },
): OrderState {
  const problem = { ...about, ...problemIn(found) }
  if (found.kind === 'refused' && isRateLimited(found.problem)) {
    const { retryAfterMs = failureWaitMs(state.attempts + 1, terms.lifeMs) } = found.problem
    // Whatever type it has: waits are told apart by it.
    const limited = { ...problem, type: rateLimited }
    return again(state, terms, { waitMs: () => retryAfterMs, problem: limited })
  }
  if (isAccountUnknown(found)) return withoutAccount(state, problem, terms)
  if (!isTransient(found)) return fail(state, problem, terms)
  const retryAfterMs = found.kind === 'refused' ? found.problem.retryAfterMs : undefined
  const waitMs = (retries: number) => brokenWaitMs(retries, terms.random, retryAfterMs)
  return again(state, terms, { waitMs, problem })
}

/**
 * A CA that forgot the account forgot the order too. Nothing is wrong with the names: whoever keeps the account makes it again. A CA that says so is
 * there: what was waited for because it was not does not count.
 */
function withoutAccount(state: OrderState, problem: OrderProblem, terms: Terms): OrderState {
  const { attempts, withoutReplaces } = state
  const retries = state.problem?.type === problem.type ? state.retries : 0
  const fresh = { ...freshOrder(state), attempts, retries, withoutReplaces }
  const waitMs = (count: number) => brokenWaitMs(count, terms.random)
  return again({ ...fresh, authorizations: leftOvers(state) }, terms, { waitMs, problem })
}

function isAccountUnknown(found: Setback): boolean {
  return found.kind === 'refused' && found.problem.type === 'accountDoesNotExist'
}

/** The CA says that there were too many: RFC 8555 section 6.6. */
export function isRateLimited({ status, type }: AcmeProblem): boolean {
  return status === 429 || type === rateLimited
}

/** Whether the same may succeed later without anybody changing anything. */
export function isTransient(found: Setback): boolean {
  if (found.kind === 'broken') return true
  const { status, type } = found.problem
  // A page of some proxy says nothing about the order, except that what is asked for is not there.
  const isSenseless = type.startsWith('strongroom:') && status !== 404
  return status >= 500 || type === 'badNonce' || isSenseless
}

export function problemIn(found: Setback): OrderProblem {
  if (found.kind === 'refused') return wordsOf(found.problem)
  const { code = 'NoAnswer', detail } = found
  const type = `strongroom:${code.charAt(0).toLowerCase()}${code.slice(1)}`
  return { type, detail: detail.slice(0, detailCharactersMax) }
}

/** The CA's own words, and the first name that they are about. */
export function wordsOf({ type, detail, subproblems }: Problem): OrderProblem {
  const [first] = subproblems
  const name = first?.name?.slice(0, nameCharactersMax)
  const words = first === undefined ? detail : `${detail} (${first.detail})`
  return {
    ...(name === undefined ? {} : { name }),
    type: first?.type ?? type,
    detail: words.slice(0, detailCharactersMax),
  }
}
