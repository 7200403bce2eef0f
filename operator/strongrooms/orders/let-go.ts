/** An order whose issuer is declared no more: what was presented for it is taken away once through that issuer, and its key goes. */

import { ownIssuer } from '#operator/api/own-issuer.ts'
import type { Strongroom } from '#operator/api/strongroom.ts'
import { keyOf } from '#operator/kube/key.ts'
import { challengeOf } from '#shared/acme/challenge.ts'
import { leftOvers } from '#shared/acme/changes.ts'
import { solverTimeoutMs } from '#shared/acme/limits.ts'
import type { AuthorizationState } from '#shared/acme/order-state.ts'
import { reasonOf } from '#shared/acme/reason.ts'
import type { OrderingIssuer } from './issuer.ts'
import type { OrderMeans } from './scene.ts'
import { deleteStagedKey } from './staged-key.ts'

export type LetGoMeans = Pick<OrderMeans, 'kube' | 'report' | 'findIssuer' | 'orderedNames'>

/** Name of the issuer that the order in status stands at, where another source is declared now; else nothing. */
export function abandonedIssuer(cluster: Strongroom): string | undefined {
  const { order, orderIssuer } = cluster.status ?? {}
  if (order === undefined || cluster.spec.suspend === true) return undefined
  return orderIssuer === ownIssuer(cluster)?.name ? undefined : orderIssuer
}

/** May be repeated: whoever is killed before status forgot the order does it again. */
export async function letGo(cluster: Strongroom, name: string, means: LetGoMeans): Promise<void> {
  const order = cluster.status?.order
  const left = order === undefined ? [] : leftOvers(order)
  const troubles = left.length === 0 ? [] : await cleanedUp(cluster, { name, left }, means)
  await deleteStagedKey(means.kube, cluster)
  means.orderedNames.release(keyOf(cluster))
  if (troubles.length === 0) return
  const note = `StrongroomIssuer ${name} is not used any more; left behind: ${troubles.join('; ')}`
  await means.report(cluster, { reason: 'ChallengesLeft', note: note.slice(0, 1000) }, 'Warning')
}

/** What could not be taken away, and why. */
async function cleanedUp(
  cluster: Strongroom,
  { name, left }: { readonly name: string; readonly left: readonly AuthorizationState[] },
  { findIssuer }: LetGoMeans,
): Promise<readonly string[]> {
  const found = await findIssuer(cluster, name)
  if (found.kind !== 'acme')
    return left.map((each) => inWords(each, found.kind === 'unusable' ? found.message : 'a CA'))
  const tried = left.map((each) =>
    cleanUp(each, found).then(
      () => [],
      (error: unknown) => [inWords(each, reasonOf(error))],
    ),
  )
  return (await Promise.all(tried)).flat()
}

async function cleanUp(
  authorization: AuthorizationState,
  { solverFor }: OrderingIssuer,
): Promise<void> {
  const challenge = challengeOf(authorization)
  if (challenge === undefined) return
  const solver = solverFor(authorization.name ?? '', [challenge.type])
  if (solver === undefined) throw new TypeError('no solver is configured for it any more')
  await solver.cleanUp(challenge, AbortSignal.timeout(solverTimeoutMs))
}

function inWords({ name, challenge }: AuthorizationState, why: string): string {
  return `${name} by ${challenge?.type} (${why})`
}
