/** Does one act of an order, and says how it ended. What the signal ends, and what is our own fault, it throws. */
import { CodedError } from '#shared/errors.ts'
import type { Authorization, OfferedChallenge, Order } from './acme-api.ts'
import type { Means, Wish } from './advance.types.ts'
import { challengeOf } from './challenge.ts'
import { HttpsFailure } from './https.ts'
import { looksBeforePresentingAgain, solverTimeoutMs } from './limits.ts'
import type { AuthorizationState, OrderState } from './order-state.ts'
import { AcmeProblem } from './problem.ts'
import type { Outcome } from './setbacks.ts'
import type { Outcomes, Sight } from './sights.ts'
import type { Challenge, Solver } from './solver.ts'

export function newOrder(
  state: OrderState,
  wish: Wish,
  { api, signal }: Means,
): Promise<Outcome<Order>> {
  const { names, profile, replaces } = wish
  return asked(
    api.newOrder({ names, profile, ...(state.withoutReplaces ? {} : { replaces }) }, signal),
  )
}

export function readOrder({ orderUrl = '' }: OrderState, { api, signal }: Means) {
  return asked(api.order(orderUrl, signal))
}

export async function finalize(
  { orderUrl = '', finalizeUrl = '' }: OrderState,
  { api, csr, signal }: Means,
): Promise<Outcome<Order>> {
  const request = await csr()
  return asked(api.finalize({ url: orderUrl, finalize: finalizeUrl }, request, signal))
}

/** The chain, and why it is not accepted. */
export function download(
  { certificateUrl = '' }: OrderState,
  { preferredChain }: Wish,
  { api, accept, signal }: Means,
): Promise<Outcome<{ readonly chain: string; readonly refusedFor: string | undefined }>> {
  const chain = api.certificate(certificateUrl, preferredChain, signal)
  return asked(chain.then((text) => ({ chain: text, refusedFor: accept(text) })))
}

/** `false`: there is no solver for it any more. */
export function present(chosen: readonly AuthorizationState[], means: Means) {
  return sideBySide<boolean>(chosen, means, (_, answering) =>
    answering === undefined
      ? Promise.resolve({ kind: 'done', value: false })
      : solved(means, async (signal) => {
          await answering.solver.present(answering.challenge, signal)
          return true
        }),
  )
}

export function answer(chosen: readonly AuthorizationState[], means: Means) {
  return sideBySide<void>(chosen, means, ({ challenge }) =>
    asked(means.api.answer(challenge?.url ?? '', means.signal)),
  )
}

/**
 * Asks the solver where the answer is not visible yet, else the CA. What cannot be seen for long is put there again: what stood in its way may
 * have been mended, and what was there may have been taken away.
 */
export function look(
  { retries }: Pick<OrderState, 'retries'>,
  chosen: readonly AuthorizationState[],
  means: Means,
) {
  const isForLong = retries >= looksBeforePresentingAgain
  return sideBySide<Sight>(chosen, means, (each, answering) =>
    each.challenge?.presented === true && !each.challenge.visible
      ? check(answering, { isForLong }, means)
      : asked(
          means.api.authorization(each.url, means.signal).then((found) => sightOf(found, means)),
        ),
  )
}

export function cleanUp(chosen: readonly AuthorizationState[], means: Means) {
  return sideBySide<void>(chosen, means, (_, answering) =>
    answering === undefined
      ? Promise.resolve({ kind: 'broken', detail: 'no solver is configured for it any more' })
      : solved(means, (signal) => answering.solver.cleanUp(answering.challenge, signal)),
  )
}

function check(
  answering: Answering | undefined,
  { isForLong }: { readonly isForLong: boolean },
  means: Means,
): Promise<Outcome<Sight>> {
  if (answering === undefined) return Promise.resolve({ kind: 'done', value: { kind: 'unsolved' } })
  const { solver, challenge } = answering
  return solved(means, async (signal) => {
    const hidden = await solver.check(challenge, signal)
    if (hidden !== undefined && isForLong) await solver.present(challenge, signal)
    return { kind: 'checked', hidden: hidden ?? '' } as const
  })
}

/** `read` of an authorization, with the one challenge that a solver of ours can answer. */
function sightOf({ challenges, name, status, retryAfterMs }: Authorization, means: Means): Sight {
  const offered = challenges.map(({ type }) => type)
  const solver = status === 'pending' ? means.solverFor(name, offered) : undefined
  const challenge = challenges.flatMap((each) =>
    solver?.type === each.type
      ? [{ type: solver.type, url: each.url, token: each.token, thumbprint: means.api.thumbprint }]
      : [],
  )[0]
  return {
    kind: 'read',
    status,
    name,
    retryAfterMs,
    challenge,
    offered,
    failure: failureOf(challenges),
  }
}

function failureOf(challenges: readonly OfferedChallenge[]) {
  const failed = challenges.find(({ problem }) => problem !== undefined)
  return failed?.problem && { challenge: failed.type, problem: failed.problem }
}

/** What answers a challenge, and which. */
interface Answering {
  readonly solver: Solver
  readonly challenge: Challenge
}

/** `act` is given nothing to answer with where the solver is there no longer. */
async function sideBySide<T>(
  chosen: readonly AuthorizationState[],
  means: Means,
  act: (authorization: AuthorizationState, answering: Answering | undefined) => Promise<Outcome<T>>,
): Promise<Outcomes<T>> {
  const done = chosen.map(async (authorization) => {
    const { name = '', url } = authorization
    const challenge = challengeOf(authorization)
    const solver = challenge && means.solverFor(name, [challenge.type])
    const outcome = await act(authorization, solver && { solver, challenge })
    return [url, { outcome, solver: solver?.label }] as const
  })
  return new Map(await Promise.all(done))
}

/** An exchange with the CA. */
async function asked<T>(exchange: Promise<T>): Promise<Outcome<T>> {
  try {
    return { kind: 'done', value: await exchange }
  } catch (error) {
    if (error instanceof AcmeProblem) return { kind: 'refused', problem: error }
    // A chain that cannot be read may have been cut off on its way.
    if (error instanceof HttpsFailure || error instanceof CodedError)
      return { kind: 'broken', detail: error.message }
    throw error
  }
}

/** A solver's act, which may take its time, but not for ever. */
async function solved<T>(
  { signal }: Means,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<Outcome<T>> {
  const late = AbortSignal.timeout(solverTimeoutMs)
  try {
    const bound = signal === undefined ? late : AbortSignal.any([signal, late])
    return { kind: 'done', value: await act(bound) }
  } catch (error) {
    signal?.throwIfAborted()
    if (late.aborted)
      return { kind: 'broken', detail: `the solver took more than ${solverTimeoutMs / 1000} s` }
    if (error instanceof CodedError)
      return { kind: 'broken', detail: error.message, code: error.code }
    return { kind: 'broken', detail: error instanceof Error ? error.message : String(error) }
  }
}
