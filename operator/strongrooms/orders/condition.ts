/** What people read about the public certificate that an issuer gives. Pure. */
import { type Finding, isFalse, isTrue } from '#operator/kube/conditions.ts'
import type { OrderProblem, OrderState } from '#shared/acme/order-state.ts'
import type { UnusableIssuer } from './issuer.ts'
import { isStillGood, type OrderReason } from './order-reason.ts'

export const publicCertificateReady = 'PublicCertificateReady'

/** Reasons that pass by themselves. */
const passing = new Set(['Ordering', 'AwaitingMembers', 'NameIsBeingOrdered', 'NotVisible'])

/** Will it come without anybody's help? */
export function isPassing({ type, reason }: Finding): boolean {
  return type === publicCertificateReady && passing.has(reason)
}

/** Renewal fails, while the certificate of before is still good: to be seen, but no outage. */
export const renewalFailing = 'RenewalFailing'

/** `trouble`: what will stand in the way of renewing it. It is no trouble of what is served. */
export function settled(
  issuer: string,
  until: { readonly notAfter: string; readonly renewAt: string },
  trouble?: Pick<UnusableIssuer, 'reason' | 'message'>,
): Finding {
  const message = `${issuer} gave the certificate; it ends at ${until.notAfter} and is renewed at ${until.renewAt}`
  const but =
    trouble === undefined
      ? ''
      : `; it could not be renewed now: ${trouble.reason}: ${trouble.message}`
  return isTrue(publicCertificateReady, 'Issued', message + but)
}

export interface OpenOrder {
  readonly reason: OrderReason
  readonly issuer: string
  /** Nothing before the first act. */
  readonly order: OrderState | undefined
}

export function ordering({ reason, issuer, order }: OpenOrder): Finding {
  const problem = order?.problem
  if (problem === undefined) {
    const message = `A certificate is ordered from ${issuer} (${reason})`
    return isStillGood(reason)
      ? isTrue(publicCertificateReady, 'Renewing', message)
      : isFalse(publicCertificateReady, 'Ordering', message)
  }
  const ended = reason === 'Expired' ? 'The certificate has ended, and callers refuse it. ' : ''
  const message = `${ended}${issuer}: ${inWords(problem)}${again(order)}`
  return isFalse(
    publicCertificateReady,
    isStillGood(reason) ? renewalFailing : reasonOf(problem),
    message,
  )
}

/** Something else than the CA stands in the way. */
export function hindered(
  why: { readonly reason: string; readonly message: string },
  open: OpenOrder,
): Finding {
  const reason = isStillGood(open.reason) ? renewalFailing : why.reason
  return isFalse(publicCertificateReady, reason, why.message)
}

/** The failing name, how it was to be proven and by what, the words of whoever said so, and what a CA calls it. */
export function inWords({ name, challenge, solver, type, detail }: OrderProblem): string {
  const how = [challenge, solver === undefined || solver === challenge ? undefined : `(${solver})`]
    .filter((part) => part !== undefined)
    .join(' ')
  const about = name === undefined ? '' : `${name}${how === '' ? '' : ` by ${how}`}: `
  return `${about}${detail}${type.startsWith('strongroom:') ? '' : ` (${type})`}`
}

function again(order: OrderState | undefined): string {
  return order?.againAt === undefined ? '' : `; tried again at ${order.againAt}`
}

/** `rateLimited`, or `strongroom:notVisible` → `RateLimited`, `NotVisible`: what a condition's reason may look like. */
function reasonOf({ type }: OrderProblem): string {
  const word = /[A-Za-z]+$/.exec(type)?.[0] ?? 'OrderFailed'
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`
}
