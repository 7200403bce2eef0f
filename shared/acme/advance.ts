/**
 * An order as a step: `advance()` takes exactly one act and returns what is known then, and whether that is to be written down before the next one.
 * `nextAct()` decides, perform.ts does it, the after… files fold the result in; the first and the last are pure.
 *
 * Whoever was killed comes back with the state that was written down last and takes the acts since then again: the order's URL is written down before
 * anything else is done with it, and every act may be repeated. Only between the CA's answer to `new-order` and that writing an order can be lost. A CA
 * that keeps pending orders gives out the same one then; another makes a second one, of which nothing else comes than that it expires.
 */
import { createHash } from 'node:crypto'
import type { AcmeOrders } from './acme-api.ts'
import type { Advanced, Means, Wish } from './advance.types.ts'
import { afterAnswer, afterCleanUp, afterLook, afterPresent } from './after-authorizations.ts'
import {
  afterDownload,
  afterFinalize,
  afterGivingUp,
  afterNewOrder,
  afterOrder,
} from './after-order.ts'
import { awakened, freshOrder, leftOvers, put, type Terms } from './changes.ts'
import { type Act, nextAct } from './next-act.ts'
import type { AuthorizationState, OrderState } from './order-state.ts'
import * as perform from './perform.ts'

/** For whom is ordered: of another account key no answer to a challenge holds. */
export type Account = Pick<AcmeOrders, 'directoryUrl' | 'thumbprint'>

/** Takes exactly one act. Throws only where the signal ended it or the fault is ours. */
export async function advance(
  given: OrderState | undefined,
  wish: Wish,
  means: Means,
): Promise<Advanced> {
  const state = resumed(given, wish, means.api)
  const act = nextAct(state, means.now())
  const waitMs = act.kind === 'wait' ? act.untilMs - means.now() : limited(act, means)
  if (waitMs > 0) return { state, act: 'wait', againAt: means.now() + waitMs, mustBeKept: true }
  const { issued, ...known } = await taken(act, { state, wish, means })
  const next = nextAct(known.state, means.now())
  const againAt = next.kind === 'wait' ? next.untilMs : means.now()
  const mustBeKept = isToBeKept(state, known.state, next)
  return {
    ...{ state: known.state, act: act.kind, againAt, mustBeKept },
    ...(issued === undefined ? {} : { issued }),
  }
}

/** An order is made once; what a CA is shown is known to all who show it and take it away; and who waits may be another one afterwards. */
function isToBeKept(before: OrderState, after: OrderState, next: Act): boolean {
  return after.orderUrl !== before.orderUrl || depending.has(next.kind)
}

const depending: ReadonlySet<Act['kind']> = new Set(['present', 'clean-up', 'wait'])

/** SHA-256 over what makes another order: CA and account key, names, profile. */
export function wishHash({ names, profile }: Wish, { directoryUrl, thumbprint }: Account): string {
  const text = JSON.stringify([directoryUrl, thumbprint, names.toSorted(), profile ?? ''])
  return createHash('sha256').update(text).digest('hex')
}

/** What an order is gone on with: of another wish only what has to be taken away is left. Pure. */
export function resumed(given: OrderState | undefined, wish: Wish, account: Account): OrderState {
  const { occasion } = wish
  const hash = wishHash(wish, account)
  if (given?.wish === hash) return awakened(given, occasion)
  const fresh = freshOrder({ wish: hash, occasion })
  return given === undefined ? fresh : { ...fresh, authorizations: leftOvers(given) }
}

/** What the account's limiter has to say. */
function limited(act: Act, { limiter }: Means): number {
  if (act.kind === 'new-order') return limiter?.take('order', 1) ?? 0
  if (act.kind === 'answer') return limiter?.take('challenge', act.urls.length) ?? 0
  return 0
}

interface Scene {
  readonly state: OrderState
  readonly wish: Wish
  readonly means: Means
}

interface Taken {
  readonly state: OrderState
  readonly issued?: string
}

async function taken(act: Act, scene: Scene): Promise<Taken> {
  const { state, wish, means } = scene
  switch (act.kind) {
    case 'wait':
      return { state }
    case 'give-up':
      return { state: afterGivingUp(state, termsOf(scene)) }
    case 'new-order': {
      const replaces = wish.replaces !== undefined && !state.withoutReplaces
      const outcome = await perform.newOrder(state, wish, means)
      return { state: afterNewOrder(state, outcome, { terms: termsOf(scene), replaces }) }
    }
    case 'read-order': {
      const outcome = await perform.readOrder(state, means)
      return { state: afterOrder(state, outcome, termsOf(scene)) }
    }
    case 'finalize': {
      const outcome = await perform.finalize(state, means)
      return { state: afterFinalize(state, outcome, termsOf(scene)) }
    }
    case 'download':
      return downloaded(scene)
    default:
      return { state: await sideBySide(act, scene) }
  }
}

async function downloaded(scene: Scene): Promise<Taken> {
  const { state, wish, means } = scene
  const outcome = await perform.download(state, wish, means)
  const after = afterDownload(state, outcome, termsOf(scene))
  if (outcome.kind !== 'done' || outcome.value.refusedFor !== undefined) return { state: after }
  return { state: put(after, { attempts: 0, problem: undefined }), issued: outcome.value.chain }
}

async function sideBySide(
  act: Extract<Act, { readonly urls: readonly string[] }>,
  scene: Scene,
): Promise<OrderState> {
  const { state, means } = scene
  const chosen = state.authorizations.filter(({ url }: AuthorizationState) =>
    act.urls.includes(url),
  )
  switch (act.kind) {
    case 'present':
      return afterPresent(state, await perform.present(chosen, means), termsOf(scene))
    case 'answer':
      return afterAnswer(state, await perform.answer(chosen, means), termsOf(scene))
    case 'look':
      return afterLook(state, await perform.look(state, chosen, means), termsOf(scene))
    case 'clean-up':
      return afterCleanUp(state, await perform.cleanUp(chosen, means), termsOf(scene))
    default:
      return act satisfies never
  }
}

/** By the time when the act has ended. */
function termsOf({ wish, means }: Scene): Terms {
  return { nowMs: means.now(), random: means.random, lifeMs: wish.lifeMs }
}
