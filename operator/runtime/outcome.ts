/**
 * What one reconcile came to. Four cases, never a signal thrown as an error.
 */
export type Outcome =
  /** Everything is as declared; look again when something changes or at the next resync. */
  | { readonly kind: 'done' }
  /** Nothing is wrong, but something is awaited: look again after that many milliseconds. */
  | { readonly kind: 'again'; readonly afterMs: number }
  /** It failed in a way that may pass: look again after the key's back-off. */
  | { readonly kind: 'retry'; readonly error: unknown }
  /** It cannot work until somebody changes the resource. */
  | { readonly kind: 'stalled'; readonly reason: string }

export const done: Outcome = { kind: 'done' }

export function again(afterMs: number): Outcome {
  return { kind: 'again', afterMs }
}

export function retry(error: unknown): Outcome {
  return { kind: 'retry', error }
}

export function stalled(reason: string): Outcome {
  return { kind: 'stalled', reason }
}
