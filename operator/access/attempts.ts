/**
 * What was refused is not asked again and again: each act that came to nothing is remembered with what it was decided from. Until its wait is over, or
 * the resource is another, it fails at once in the same words and costs no request.
 */

import { isConflict, type KubeObject } from '#operator/kube/kube.ts'
import { annotation } from '#operator/kube/labels.ts'
import { refusedActBackoff } from '#operator/limits.ts'
import { backoffMs } from '#shared/backoff.ts'
import type { Clock } from '#shared/clock.ts'
import { type Failure, failureOf } from './failure.ts'

/** Thrown where an act came to nothing, or did a short while ago. */
export class ActFailed extends Error {
  override readonly name = 'ActFailed'
  readonly failure: Failure
  /** Before that the same act fails without being tried; milliseconds since 1970. */
  readonly untilMs: number

  constructor(failure: Failure, untilMs: number, options?: ErrorOptions) {
    super(failure.message, options)
    this.failure = failure
    this.untilMs = untilMs
  }
}

/** An act on a resource. */
export interface Attempt {
  /** `namespace/name` */
  readonly key: string
  /** Which act, e.g. `create` or `apply StatefulSet`. */
  readonly act: string
  /** What it is decided from: another basis is tried at once. */
  readonly basis: string
}

interface Remembered {
  readonly basis: string
  readonly failures: number
  readonly untilMs: number
  readonly failure: Failure
}

export class Attempts {
  readonly #clock: Clock
  readonly #random: () => number
  /** By key, then by act. */
  readonly #failed = new Map<string, Map<string, Remembered>>()

  constructor({ clock, random }: { readonly clock: Clock; readonly random: () => number }) {
    this.#clock = clock
    this.#random = random
  }

  /** @throws ActFailed where the act was refused on the same basis and its wait is not over */
  demandAllowed(attempt: Attempt): void {
    const before = this.#before(attempt)
    if (before !== undefined && this.#clock.now() < before.untilMs)
      throw new ActFailed(before.failure, before.untilMs)
  }

  /** Does it, unless it was refused a short while ago. @throws ActFailed; a conflict as it is: who looks again sees the newer version */
  async run<T>(attempt: Attempt, act: () => Promise<T>): Promise<T> {
    this.demandAllowed(attempt)
    try {
      const done = await act()
      this.#failed.get(attempt.key)?.delete(attempt.act)
      return done
    } catch (error) {
      if (isConflict(error) || error instanceof ActFailed) throw error
      throw this.#remember(attempt, error)
    }
  }

  /** The resource `namespace/name` is gone. */
  forget(key: string): void {
    this.#failed.delete(key)
  }

  #before({ key, act, basis }: Attempt): Remembered | undefined {
    const before = this.#failed.get(key)?.get(act)
    return before?.basis === basis ? before : undefined
  }

  #remember(attempt: Attempt, error: unknown): ActFailed {
    const failure = failureOf(error)
    const now = this.#clock.now()
    if (!failure.isRefusal) return new ActFailed(failure, now, { cause: error })
    const failures = (this.#before(attempt)?.failures ?? 0) + 1
    const untilMs = now + backoffMs(refusedActBackoff, failures, this.#random)
    const acts = this.#failed.get(attempt.key) ?? new Map<string, Remembered>()
    acts.set(attempt.act, { basis: attempt.basis, failures, untilMs, failure })
    this.#failed.set(attempt.key, acts)
    return new ActFailed(failure, untilMs, { cause: error })
  }
}

/** What acts on a resource are decided from, as far as people write it. */
export function basisOf({ metadata }: Pick<KubeObject, 'metadata'>): string {
  const { uid, generation, deletionTimestamp, annotations = {} } = metadata
  const { [annotation.registered]: _ours, ...theirs } = annotations
  return JSON.stringify([uid, generation, deletionTimestamp, theirs])
}
