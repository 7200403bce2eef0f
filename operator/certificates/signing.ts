/** Checks of the plan about an issuer of ours that cannot sign now: what there is already is used on. Pure. */
import { wait } from '#operator/access/halts.ts'
import type { Decision } from './decision.types.ts'
import { reasonAgainst, revokedReason } from './due.ts'
import type { Observed } from './observe.ts'
import { signerOf } from './signer.ts'

/** Another certificate is due, or the first, and the issuer that is named cannot sign it. */
export function signerIsAway(observed: Observed): Decision | undefined {
  const { authority, resource, staged, current } = observed
  const name = signerOf(resource)
  if (name === undefined || authority.kind === 'usable' || staged !== undefined) return undefined
  const why = reasonAgainst(observed, current) ?? revokedReason(observed)
  if (why === undefined) return undefined
  return wait('IssuerNotReady', `StrongroomIssuer "${name}" cannot sign: ${authority.message}`)
}

/** The same, where there is no certificate to go on with. */
export function nothingCanBeIssued(observed: Observed): Decision | undefined {
  return observed.current.kind === 'usable' ? undefined : signerIsAway(observed)
}
