/** The challenge of an authorization as solvers know it. Pure. */
import type { AuthorizationState } from './order-state.ts'
import type { Challenge } from './solver.ts'

/**
 * Nothing where none was chosen yet. It speaks for the account key with which it was begun (RFC 8555 section 8.1): what was shown for an
 * earlier key is taken away as such.
 */
export function challengeOf({ name = '', challenge }: AuthorizationState): Challenge | undefined {
  if (challenge === undefined) return undefined
  const { type, token, thumbprint } = challenge
  return {
    type,
    name: name.replace(/^\*\./, ''),
    token,
    keyAuthorization: `${token}.${thumbprint}`,
  }
}
