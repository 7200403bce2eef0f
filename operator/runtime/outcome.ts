/**
 * What one reconcile came to. Five cases, never a signal thrown as an error.
 */
export type Outcome =
  /** Everything is as declared; look again when something changes or at the next resync. */
  | { readonly kind: 'done' }
  /** Nothing is wrong: look again after that many milliseconds, at which something is due. */
  | { readonly kind: 'again'; readonly afterMs: number }
  /**
   * Something is awaited, which mostly comes with an event: look again then, and otherwise ever less often. `for`: what, in one word;
   * `quickLooks`: so many are taken before the wait between them grows.
   */
  | { readonly kind: 'waiting'; readonly for: string; readonly quickLooks: number }
  /** It failed in a way that may pass: look again after the key's back-off. */
  | { readonly kind: 'retry'; readonly error: unknown }
  /** It cannot work until somebody acts; left out: what they do is seen. */
  | { readonly kind: 'stalled'; readonly reason: string; readonly afterMs?: number }

export const done: Outcome = { kind: 'done' }

/**
 * @param what is awaited, in one word: for another one it is looked often again
 * @param quickLooks many where no event tells of it and it takes seconds
 */
export function waiting(what: string, quickLooks = 3): Outcome {
  return { kind: 'waiting', for: what, quickLooks }
}

export function again(afterMs: number): Outcome {
  return { kind: 'again', afterMs }
}

export function retry(error: unknown): Outcome {
  return { kind: 'retry', error }
}

/** @param afterMs where what somebody does about it is not seen: when to look again all the same */
export function stalled(reason: string, afterMs?: number): Outcome {
  return { kind: 'stalled', reason, ...(afterMs === undefined ? {} : { afterMs }) }
}
