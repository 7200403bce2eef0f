/** Checks of the plan about what cert-manager is asked for: asked, awaited, taken back. Pure. */
import { clientCertificate } from '#operator/cert-manager/desired.ts'
import { type Child, isAsWanted } from '#operator/kube/apply.ts'
import { certManagerCertificates, secrets } from '#operator/kube/kinds.ts'
import { hindranceOf, issuerOf } from './arrival.ts'
import type { Decision } from './decision.types.ts'
import type { Observed } from './observe.ts'

/** Nobody asks for it any more: the Certificate goes, then the Secret with its key. */
export function mustBeWithdrawn({ certManager, issued }: Observed): Decision | undefined {
  const found: readonly Child[] = [
    ...certificateOf(certManager),
    ...(issued === undefined ? [] : [{ kind: secrets, object: issued }]),
  ]
  return found.length === 0 ? undefined : { kind: 'withdraw', found }
}

export function anotherSigns(observed: Observed): Decision | undefined {
  return issuerOf(observed) === undefined ? mustBeWithdrawn(observed) : undefined
}

/** Where cert-manager is there, and what it was asked for is not what the resource declares. */
export function mustBeAsked(observed: Observed): Decision | undefined {
  const issuerRef = issuerOf(observed)
  const { certManager, resource } = observed
  if (issuerRef === undefined || certManager.isPresent !== true) return undefined
  const object = clientCertificate(resource, issuerRef)
  return isAsWanted(certManager.certificate, object)
    ? undefined
    : {
        kind: 'request',
        desired: [{ kind: certManagerCertificates, object }],
        found: certificateOf(certManager),
      }
}

export function nothingHasArrived(observed: Observed): Decision | undefined {
  const { current, next } = observed
  return current.kind === 'usable' || next.kind === 'usable' ? undefined : isHindered(observed)
}

/** Looked at when nothing is left to do: the present certificate is used on, and people hear why no other comes. */
export function isHindered(observed: Observed): Decision | undefined {
  const trouble = issuerOf(observed) === undefined ? undefined : hindranceOf(observed)
  if (trouble === undefined) return undefined
  const { reason, message } = trouble
  return { kind: trouble.kind === 'stalled' ? 'stalled' : 'asked', reason, message }
}

function certificateOf({ certificate }: Observed['certManager']): readonly Child[] {
  return certificate === undefined ? [] : [{ kind: certManagerCertificates, object: certificate }]
}
