/** Changes of an order's state that every fold makes. Pure. */
import type { OrderProblem, OrderState } from './order-state.ts'
import { rateLimited } from './problem.ts'

/** What the folding needs to know besides the state. */
export interface Terms {
  readonly nowMs: number
  readonly random: () => number
  /** Of the present certificate. */
  readonly lifeMs?: number | undefined
}

type Changes = { readonly [Key in keyof OrderState]?: OrderState[Key] | undefined }

/** The state with changes; what is undefined is left out of it, as it would be in JSON. Whoever does not wait has not begun to. */
export function put(state: OrderState, changes: Changes): OrderState {
  const all = { ...state, ...changes }
  const entries = Object.entries(
    all.againAt === undefined ? { ...all, waitsSince: undefined } : all,
  )
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as OrderState
}

/** Nothing is ordered yet of what is wished for. */
export function freshOrder({
  wish,
  occasion,
}: {
  readonly wish: string
  readonly occasion?: string | undefined
}): OrderState {
  return {
    wish,
    ...(occasion === undefined ? {} : { occasion }),
    authorizations: [],
    finalized: false,
    withoutReplaces: false,
    attempts: 0,
    retries: 0,
  }
}

/**
 * What still has to be taken away when this order is no more: also what was perhaps put there by somebody who was killed before it was
 * written down. Taking away what is not there changes nothing.
 */
export function leftOvers(state: OrderState): OrderState['authorizations'] {
  const isOpen = state.orderUrl !== undefined && !state.finalized
  return state.authorizations.flatMap((authorization) => {
    const { challenge } = authorization
    if (challenge === undefined || !(challenge.presented || isOpen)) return []
    return [{ ...authorization, challenge: { ...challenge, presented: true } }]
  })
}

/** Something new is known: what stood in the way of it does no longer. */
export function progress(state: OrderState, changes: Changes): OrderState {
  const removed = state.retries > 0 ? { problem: undefined } : {}
  return put(state, { ...removed, ...changes, retries: 0, againAt: undefined })
}

/** Again after a wait; `waitMs` is given the number of tries since the last progress. */
export function again(
  state: OrderState,
  terms: Terms,
  {
    waitMs,
    problem,
  }: { readonly waitMs: (retries: number) => number; readonly problem?: OrderProblem },
): OrderState {
  const retries = state.retries + 1
  const changes = { retries, ...waiting(terms, waitMs(retries)) }
  return put(state, problem === undefined ? changes : { ...changes, problem })
}

/** Somebody did something about it: it is not waited for any longer, unless the CA said for how long. */
export function awakened(state: OrderState, occasion: string | undefined): OrderState {
  if (occasion === undefined || occasion === state.occasion) return state
  const isBound = state.problem?.type === rateLimited
  return put(state, isBound ? { occasion } : { occasion, againAt: undefined })
}

/** A wait as it stands in a state: until when, and since when, by which a clock that was set back is noticed. */
export function waiting(
  { nowMs }: Terms,
  waitMs: number,
): { readonly againAt: string; readonly waitsSince: string } {
  const at = (ms: number) => new Date(ms).toISOString()
  return { againAt: at(nowMs + waitMs), waitsSince: at(nowMs) }
}
