/** Write-sets that wait for a commit, and their way into one. */
import { setImmediate as turn } from 'node:timers/promises'
import { applySliceSteps, commitFreshBytesMax, commitWriteSetsMax } from '#server/limits.ts'
import type { Apply } from './engine.types.ts'
import type { Draft } from './view.ts'

export interface Submission<W, R> {
  readonly writeSet: W
  readonly resolve: (result: R) => void
  readonly reject: (error: unknown) => void
}

/** Tells a submitter how it went, once that is certain. */
export type Settle = (failure: unknown) => void

export interface Applying<W, R> {
  readonly draft: Draft
  readonly apply: Apply<W, R>
}

/** Takes as many off the queue as fit one commit, and applies them in slices. One that throws leaves nothing in the draft. */
export async function applyQueued<W, R>(
  queue: Submission<W, R>[],
  { draft, apply }: Applying<W, R>,
): Promise<Settle[]> {
  const settles: Settle[] = []
  let steps = 0
  while (settles.length < commitWriteSetsMax && draft.freshBytes < commitFreshBytesMax) {
    const submission = queue.shift()
    if (submission === undefined) break
    const applying = applyOne({ draft, apply }, submission)
    let step = applying.next()
    for (; !step.done; step = applying.next()) {
      steps += 1
      if (steps % applySliceSteps === 0) await turn()
    }
    settles.push(step.value)
  }
  return settles
}

function* applyOne<W, R>(
  { draft, apply }: Applying<W, R>,
  { writeSet, resolve, reject }: Submission<W, R>,
): Generator<undefined, Settle> {
  const savepoint = draft.savepoint()
  try {
    const result = yield* apply(draft, writeSet)
    return (failure) => (failure === undefined ? resolve(result) : reject(failure))
  } catch (error) {
    draft.rollback(savepoint)
    return () => reject(error)
  }
}
