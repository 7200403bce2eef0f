/** Checks of the plan about Secrets that the resource may not have: read none, write none. Pure. */
import { stall } from '#operator/access/halts.ts'
import { secretNotAllowed } from '#operator/kube/user-secrets.ts'
import type { Decision } from './decision.types.ts'
import type { Observed } from './observe.ts'

/** Two resources never share a Secret: whichever came first, the other would overwrite it. */
export function secretIsReserved({ secretReservedBy, resource }: Observed): Decision | undefined {
  if (secretReservedBy === undefined) return undefined
  return stall(
    'SecretReserved',
    `Secret "${resource.spec.secretName}" is kept for ${secretReservedBy}: name another in a new resource`,
  )
}

export function secretIsRefused({ secretRefused }: Observed): Decision | undefined {
  return secretRefused === undefined ? undefined : stall(secretNotAllowed, secretRefused)
}
