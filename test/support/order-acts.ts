/** An order in memory, act after act. */
import assert from 'node:assert/strict'
import { advance } from '#shared/acme/advance.ts'
import type { Advanced } from '#shared/acme/advance.types.ts'
import { type OrderState, orderState } from '#shared/acme/order-state.ts'
import { jsonShape } from '#shared/contract/json.ts'
import type { OrderScene } from './fake-ca.ts'

export interface Acted {
  readonly acts: string[]
  readonly state: OrderState | undefined
  readonly issued: string | undefined
}

const shape = jsonShape(orderState)

/**
 * Goes on until a certificate is issued or `until` is reached, waiting as told; each state passes through JSON and its schema. Written down is only
 * what must be.
 */
export async function acted(
  { wish, means, clock }: OrderScene,
  {
    given,
    acts: actsMax = 200,
    stop = () => false,
    kill = () => false,
  }: {
    readonly given?: OrderState | undefined
    readonly acts?: number
    readonly stop?: (advanced: Advanced) => boolean
    /** The act was done, but its result is never written down: whoever goes on knows what was written down before. */
    readonly kill?: (index: number) => boolean
  } = {},
): Promise<Acted> {
  const acts: string[] = []
  let state = given
  let kept = given
  while (acts.length < actsMax) {
    const advanced = await advance(state, wish, means)
    acts.push(advanced.act)
    if (kill(acts.length - 1)) {
      state = kept
      continue
    }
    state = shape.read(JSON.stringify(advanced.state))
    assert.deepEqual(state, advanced.state, 'a state is JSON and fits its schema')
    if (advanced.mustBeKept) kept = state
    if (advanced.issued !== undefined) return { acts, state, issued: advanced.issued }
    if (stop(advanced)) break
    clock.nowMs = Math.max(clock.nowMs, advanced.againAt)
  }
  return { acts, state, issued: undefined }
}
