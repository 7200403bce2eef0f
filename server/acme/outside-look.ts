/**
 * A look at the answer from where the CA will look, by name and port, before the CA is asked: what is wrong is said before it costs one of
 * the few failures that a CA forgives. Whoever stands behind a router may not see himself by his public name, so this is a warning
 * unless more is asked for.
 */
import type { Challenge, Solver } from '#shared/acme/solver.ts'

export interface OutsideLook {
  /** Require: the CA is asked when the answer was seen, and not before. Warn: it is asked all the same. None: nobody looks. */
  readonly check: 'Warn' | 'Require' | 'None'
  /** Nothing where the answer is there, else why not, in words. */
  readonly look: (challenge: Challenge, signal: AbortSignal) => Promise<string | undefined>
  /** Told what was not seen, where the CA is asked all the same. */
  readonly warn: (challenge: Challenge, why: string) => void
}

export function withOutsideLook(solver: Solver, { check, look, warn }: OutsideLook): Solver {
  if (check === 'None') return solver
  return {
    ...solver,
    check: async (challenge, signal) => {
      const hidden = (await solver.check(challenge, signal)) ?? (await look(challenge, signal))
      if (hidden === undefined || check === 'Require') return hidden
      warn(challenge, hidden)
      return undefined
    },
  }
}
