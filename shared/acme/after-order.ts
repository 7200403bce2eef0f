/** What is known of an order after an act about the whole of it. Pure. */
import type { Order } from './acme-api.ts'
import { again, progress, put, type Terms } from './changes.ts'
import type { OrderState } from './order-state.ts'
import { senseless } from './problem.ts'
import {
  fail,
  isRateLimited,
  isTransient,
  type Outcome,
  type Setback,
  setback,
  wordsOf,
} from './setbacks.ts'
import { lookWaitMs } from './waits.ts'

/** Types with which a CA refuses to count an order as a replacement (RFC 9773 section 5); the order itself may be fine. */
const replacesRefusals = new Set(['alreadyReplaced', 'conflict', 'malformed', 'unauthorized'])

/** `replaces`: whether the order was asked for as a replacement. */
export function afterNewOrder(
  state: OrderState,
  outcome: Outcome<Order>,
  { terms, replaces }: { readonly terms: Terms; readonly replaces: boolean },
): OrderState {
  if (outcome.kind === 'done') {
    const authorizations = outcome.value.authorizations.map((url) => ({
      url,
      status: 'unread' as const,
    }))
    return afterOrder(put(state, { authorizations, finalized: false }), outcome, terms)
  }
  if (replaces && outcome.kind === 'refused' && isAboutReplaces(outcome))
    return put(state, { withoutReplaces: true, againAt: undefined })
  return setback(state, outcome, { terms })
}

/** Also after `finalize`, which answers with the order. */
export function afterOrder(state: OrderState, outcome: Outcome<Order>, terms: Terms): OrderState {
  if (outcome.kind !== 'done') return setback(state, outcome, { terms })
  const order = outcome.value
  if (order.status === 'invalid') return fail(state, invalidity(order), terms)
  const known = put(state, {
    orderUrl: order.url,
    status: order.status,
    expiresAt: order.expiresAt === undefined ? undefined : new Date(order.expiresAt).toISOString(),
    finalizeUrl: order.finalize,
    certificateUrl: order.certificate,
    finalized: state.finalized || order.status === 'processing' || order.status === 'valid',
  })
  const isNews = order.status !== state.status && !isAwaited(order)
  if (isNews) return progress(known, {})
  const waitMs = (retries: number) => lookWaitMs(retries, terms.random, order.retryAfterMs)
  return again(known, terms, { waitMs })
}

/** An order that is not ready after all has perhaps got its request from one that was killed: the order itself says how far it is. */
export function afterFinalize(
  state: OrderState,
  outcome: Outcome<Order>,
  terms: Terms,
): OrderState {
  if (outcome.kind !== 'refused' || outcome.problem.type !== 'orderNotReady')
    return afterOrder(state, outcome, terms)
  const unknown = put(state, { status: undefined })
  return again(unknown, terms, { waitMs: (retries) => lookWaitMs(retries, terms.random) })
}

/** `refusedFor`: why the chain is not accepted. A chain that is good changes nothing: it is fetched again until it is written down. */
export function afterDownload(
  state: OrderState,
  outcome: Outcome<{ readonly refusedFor: string | undefined }>,
  terms: Terms,
): OrderState {
  if (outcome.kind !== 'done') return setback(state, outcome, { terms })
  const { refusedFor } = outcome.value
  if (refusedFor === undefined) return progress(state, {})
  return fail(state, { type: 'strongroom:notAccepted', detail: refusedFor }, terms)
}

export function afterGivingUp(state: OrderState, terms: Terms): OrderState {
  const problem = state.problem ?? {
    type: 'strongroom:orderExpired',
    detail: 'the order expired before it was finished',
  }
  return fail(state, problem, terms)
}

/** Whoever waits for the CA looks again later. */
function isAwaited({ status, certificate }: Order): boolean {
  return status === 'processing' || (status === 'valid' && certificate === undefined)
}

function isAboutReplaces(found: Extract<Setback, { readonly kind: 'refused' }>): boolean {
  const { status, type } = found.problem
  const isBusy = isRateLimited(found.problem) || isTransient(found)
  return !isBusy && (status === 409 || replacesRefusals.has(type))
}

function invalidity(order: Order) {
  return wordsOf(order.problem ?? senseless(200, 'the CA calls the order invalid and says no more'))
}
