/** Which writes of an operator are about an order, and what they say of it. */
import type { Strongroom, StrongroomStatus } from '#operator/api/strongroom.ts'
import type { ChallengeState, OrderState } from '#shared/acme/order-state.ts'
import type { Write } from './write-gate.ts'

/** Of a Secret. */
export function isAbout(operation: Write['operation'], secret: string) {
  return (write: Write): boolean =>
    write.resource === 'secrets' && write.operation === operation && write.name === secret
}

/** Of a Strongroom. */
export function ofStatus(fits: (status: StrongroomStatus) => boolean) {
  return (write: Write): boolean => {
    const status = statusIn(write)
    return status !== undefined && fits(status)
  }
}

export function ofOrder(fits: (order: OrderState) => boolean) {
  return ofStatus(({ order }) => order !== undefined && fits(order))
}

/** Of the first name that is proven, before the certificate was asked for unless said otherwise. */
export function ofChallenge(
  fits: (challenge: ChallengeState) => boolean,
  { isFinalized = false } = {},
) {
  return ofOrder(
    ({ finalized, authorizations: [one] }) =>
      finalized === isFinalized && one?.challenge !== undefined && fits(one.challenge),
  )
}

/** Nothing where it writes something else. */
export function statusIn({ resource, object }: Write): StrongroomStatus | undefined {
  return resource === 'strongrooms/status' ? (object as Strongroom).status : undefined
}
